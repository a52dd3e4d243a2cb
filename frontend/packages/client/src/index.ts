export { LatchkeyClient, type SecondFactor } from "./client.js";
export { createClient } from "./create.js";
export { cookieKeeper, storageKeeper, type Keeper } from "./keeper.js";
export {
  isPassing,
  NetworkError,
  ProblemError,
  type Code,
  type Fault,
  type More,
  type OrLater,
  type Reason,
} from "./problem.js";
export type { Options } from "./options.js";
export { sentenceOf, type EndReason, type Sentences } from "./reasons.js";
export type { Answer, Input, Item, Last, Method, Page } from "./request.js";
export type { components, paths } from "./schema.js";
export type { State, User } from "./state.js";
