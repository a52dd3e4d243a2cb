/** What went wrong, in the reader's language: by its code, never in the service's own words where those are known. */
import { NetworkError, ProblemError } from "@latchkey/client";
import { fill, type FirstWord, type FirstWords } from "../messages/table.js";
import type { Options } from "./options.js";

/** An answer of the service (RFC 9457), no answer at all, or a mistake of the page's own. */
export interface Problem {
  /** The HTTP status, or 0 if no answer arrived. */
  status: number;
  /** Stable; what a program switches on. */
  code: string;
  /** A sentence for the reader. */
  message: string;
  /** All of it is said at fields (`fieldErrors`): there is nothing to show besides. */
  atFields: boolean;
  /** Whether the same may work in a moment, with nothing changed. */
  passing: boolean;
  /** Seconds to wait before trying again, where the service said so. */
  retryAfter: number | null;
  /** How often a code of a log-in's second step may still be wrong. */
  attemptsLeft: number | null;
  /** To be quoted when asking for help. */
  requestId: string | null;
}

/** What is known of the place where it went wrong. */
export interface Place {
  /** The fields that can show an error. */
  fields?: readonly string[];
  /** Codes that are about one field though they don't say so: `{ email_taken: "email" }`. */
  at?: Readonly<Record<string, string>>;
  /** Codes that mean something of their own here: `{ invalid_grant: "wrongPassword" }`. */
  says?: Readonly<Record<string, FirstWord>>;
}

/** A language in which to say it. */
export interface Speech {
  language: string;
  words: FirstWords;
  options: Options | undefined;
}

export interface Described {
  problem: Problem;
  fieldErrors: Readonly<Record<string, string>>;
}

/** Whether `error` is the network's or the service's; any other is a mistake of the page's own. */
export function isExpected(error: unknown): error is NetworkError | ProblemError {
  return error instanceof NetworkError || error instanceof ProblemError;
}

const GATEWAY: readonly number[] = [0, 502, 503, 504];

/** Say what `error` means. Whatever is thrown becomes a problem, so that nobody is left without words. */
export function describe(error: unknown, speech: Speech, { fields = [], at = {}, says = {} }: Place = {}): Described {
  const { words } = speech;
  const answer = error instanceof ProblemError ? error : null;
  const code =
    answer?.code ?? (error instanceof NetworkError ? (error.late ? "too_late" : "no_answer") : "page_failed");
  const status = answer?.status ?? (code === "page_failed" ? 500 : 0);
  const passing = GATEWAY.includes(status);
  const word = says[code] ?? `problem.${passing && status ? "unavailable" : code}`;
  // This code says nothing of what is wrong; the service does, in English.
  const own = code === "validation_error" && speech.language === "en" ? answer?.detail : undefined;
  const known: Partial<Record<string, string>> = words;
  const message = own ?? known[word] ?? answer?.detail ?? words["problem.page_failed"];

  const fieldErrors: Record<string, string> = {};
  const field = at[code];
  const faults = field ? [{ pointer: `/${field}`, detail: "" }] : (answer?.errors ?? []);
  for (const { pointer, detail } of faults) {
    const name = pointer.slice(1);
    if (fields.includes(name)) fieldErrors[name] ??= field ? message : faultOf(name, detail, speech);
  }
  const named = new Set(faults.map(({ pointer }) => pointer.slice(1)));
  const atFields = named.size > 0 && named.size === Object.keys(fieldErrors).length;
  const { retryAfter = null, requestId = null, more } = answer ?? {};
  const attemptsLeft = more?.attempts_left ?? null;
  return { problem: { status, code, message, atFields, passing, retryAfter, attemptsLeft, requestId }, fieldErrors };
}

/** What is wrong with a field. The service says it in English, and more exactly than its code does. */
function faultOf(field: string, detail: string, { language, words, options }: Speech): string {
  if (field === "email") return words.unacceptableEmail;
  if (language === "en") return detail;
  if (!field.endsWith("password")) return words.unacceptable;
  return fill(words.unacceptablePassword, { min: options?.password.min_length ?? "" });
}
