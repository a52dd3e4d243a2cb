/** What went wrong, in one shape for every page: an answer of the service (RFC 9457), or no answer at all. */
import { NetworkError, ProblemError, type Fault } from "@latchkey/client";

export type { Fault };

export interface Problem {
  /** The HTTP status, or 0 if no answer arrived. */
  status: number;
  /** Stable; what the pages switch on. */
  code: string;
  /** One sentence for a person. */
  detail: string;
  errors: readonly Fault[];
  /** Seconds to wait before trying again, where the service said so. */
  retryAfter: number | null;
  /** To be quoted when asking for help. */
  requestId: string | null;
}

const NO_ANSWER: Problem = {
  status: 0,
  code: "no_answer",
  detail: "The service can’t be reached. Check your connection; nothing was lost.",
  errors: [],
  retryAfter: null,
  requestId: null,
};

const TOO_LATE: Problem = {
  ...NO_ANSWER,
  code: "too_late",
  detail: "The service hasn’t answered in time. What you asked for may have been done all the same.",
};

const FAULT_OF_OURS: Problem = {
  ...NO_ANSWER,
  status: 500,
  code: "page_failed",
  detail: "Something went wrong on this page. Reload it and try again.",
};

/** Whether `error` is the network's or the service's; any other is a mistake of the page's own. */
export function isExpected(error: unknown): error is NetworkError | ProblemError {
  return error instanceof NetworkError || error instanceof ProblemError;
}

/** Say what `error` means. Whatever is thrown becomes a problem, so that no page is left without words. */
export function problemOf(error: unknown): Problem {
  if (error instanceof NetworkError) return error.late ? TOO_LATE : NO_ANSWER;
  if (!(error instanceof ProblemError)) return FAULT_OF_OURS;
  const { status, code, detail, errors, retryAfter = null, requestId = null } = error;
  return { status, code, detail, errors, retryAfter, requestId };
}

/** The request was given up on purpose: the page it was for has gone. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Whether the same call may work in a moment, with nothing changed: no answer, or the service or a proxy is away. */
export function isPassing({ status }: Problem): boolean {
  return status === 0 || status === 502 || status === 503 || status === 504;
}
