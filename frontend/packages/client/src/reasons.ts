import { en } from "./en.js";
import type { components } from "./schema.js";

/** Why a session ended, as the service says it: on the stream, and as the `cause` of a refused refresh. */
export type EndReason = components["schemas"]["EndReason"];

/**
 * What to tell a person, by reason; `unknown` is for one of a later version of the service. `unproven`: the session hasn't
 * ended, but this browser can't show that it is its own; who has no words for that says `unknown`.
 */
export type Sentences = Readonly<Record<EndReason | "unknown", string> & { unproven?: string }>;

/** Say in a sentence why a session is over. German is in `@latchkey/client/de`. */
export function sentenceOf(reason: string, sentences: Sentences = en): string {
  return Object.hasOwn(sentences, reason) ? sentences[reason as EndReason] : sentences.unknown;
}
