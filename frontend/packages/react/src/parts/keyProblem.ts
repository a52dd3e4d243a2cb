/** What goes wrong with passkeys and second factors alone, in words that are loaded with these parts. */
import type { Problem } from "../core/problem.js";

type Said = "keyRefused" | "keyFailed" | "keyExists" | "keysMany" | "lastWayIn" | "removeLater";

const WORDS: Readonly<Partial<Record<string, Said>>> = {
  invalid_passkey: "keyRefused",
  passkey_failed: "keyFailed",
  passkey_exists: "keyExists",
  too_many_passkeys: "keysMany",
  last_way_in: "lastWayIn",
};

/** `problem` in these words; `own` are codes that mean something of their own here. */
export function withWords(
  problem: Problem | null,
  words: Readonly<Partial<Record<Said, string>>>,
  own: typeof WORDS = {},
): Problem | null {
  const word = problem && (own[problem.code] ?? WORDS[problem.code]);
  const message = word && words[word];
  return message ? { ...problem, message } : problem;
}
