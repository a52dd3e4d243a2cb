/** What goes wrong with other providers alone, in words that are loaded with these parts. */
import type { Problem } from "../../core/problem.js";
import { fill } from "../../messages/table.js";

type Said =
  | "providerCancelled"
  | "providerAway"
  | "providerSpent"
  | "providerNoNew"
  | "providerTaken"
  | "providerNotKept"
  | "providerUnconfirmed"
  | "lastLinked";

const WORDS: Readonly<Partial<Record<string, Said>>> = {
  provider_cancelled: "providerCancelled",
  provider_failed: "providerAway",
  already_linked: "providerTaken",
  nothing_kept: "providerNotKept",
  email_unverified: "providerUnconfirmed",
  last_way_in: "lastLinked",
};

/** What the page that a provider leads back to says of these. */
export const RETURNED: typeof WORDS = {
  invalid_grant: "providerSpent",
  forbidden: "providerNoNew",
};

/** `problem` in these words; `own` are codes that mean something of their own here. */
export function ofProvider(
  problem: Problem | null,
  words: Readonly<Partial<Record<Said, string>>>,
  name: string,
  own: typeof WORDS = {},
): Problem | null {
  const word = problem && (own[problem.code] ?? WORDS[problem.code]);
  const message = word && words[word];
  return message ? { ...problem, message: fill(message, { name }) } : problem;
}
