export { createClient, LatchkeyClient, type Options, type State, type User } from "./client";
export { cookieKeeper, storageKeeper, type Keeper } from "./keeper";
export { ProblemError, type Fault } from "./problem";
export { sentenceOf } from "./reasons";
export type { Answer, Input, Item, Method, Page } from "./request";
export type { components, paths } from "./schema";
