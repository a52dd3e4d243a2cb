/** Tables of messages: what must be in one, and how a message is said. */
import { sentenceOf, type Sentences } from "@latchkey/client";
import type { account } from "./account.js";
import type { AdminWords } from "./admin.js";
import type { en } from "./en.js";
import type { factors } from "./factors.js";
import type { forgot } from "./forgot.js";
import type { letters } from "./letters.js";
import type { lost } from "./lost.js";
import type { mail } from "./mail.js";
import type { moments } from "./moments.js";
import type { providers } from "./providers.js";
import type { second } from "./second.js";
import type { send } from "./send.js";
import type { signUp } from "./signUp.js";

/** The messages that are there from the start. */
export type FirstWord = keyof typeof en;

/** All messages, also of parts that are loaded when they are needed. */
export type Word =
  | FirstWord
  | keyof typeof forgot
  | keyof typeof letters
  | keyof typeof account
  | keyof typeof mail
  | keyof typeof moments
  | keyof typeof lost
  | keyof typeof send
  | keyof typeof signUp;

/** What second factors and passkeys say, in parts that are loaded late with their words. */
export type SecondWords = Readonly<Record<keyof typeof second | keyof typeof factors, string>>;

/** What logging in with other providers says, in parts that are loaded late with their words. */
export type ProviderWords = Readonly<Record<keyof typeof providers, string>>;

/** What can be said before anything was loaded, in the reader's language where there is a table. */
export type FirstWords = Readonly<Record<FirstWord, string>> & Partial<Words>;

/** Every message of the parts. */
export type Words = Readonly<Record<Word, string>>;

/** A language: its messages, and why sessions end. What is missing is said in English. */
export interface Table extends Partial<Words>, Partial<SecondWords>, Partial<ProviderWords>, Partial<AdminWords> {
  readonly endings?: Partial<Sentences>;
  /** What events are called, by their type. */
  readonly events?: Readonly<Record<string, string>>;
}

/** A table that is whole: what a language of ours has. The compiler finds the message that is missing. */
export interface Language extends Words {
  readonly endings: Sentences;
  readonly events: Readonly<Record<string, string>>;
}

/** What a message is filled in with. */
export type Values = Readonly<Record<string, string | number>>;

/** `text` with what belongs in its braces. */
export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

/** Say why a session ended. */
export function endingOf(reason: string, endings: Partial<Sentences> = {}): string {
  const known = endings as Partial<Record<string, string>>;
  return (Object.hasOwn(known, reason) ? known[reason] : known.unknown) ?? sentenceOf(reason);
}
