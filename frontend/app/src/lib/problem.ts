/** What went wrong, in one shape for every page: an answer of the service (RFC 9457), or no answer at all. */
import { ProblemError } from "@latchkey/client";

/** One field that isn't acceptable; `pointer` is a JSON pointer such as "/email". */
export interface Fault {
  pointer: string;
  detail: string;
}

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
  detail: "The service can't be reached. Check your connection; nothing was lost.",
  errors: [],
  retryAfter: null,
  requestId: null,
};

const FAULT_OF_OURS: Problem = {
  ...NO_ANSWER,
  code: "client_error",
  detail: "Something went wrong on this page. Reload it and try again.",
  status: 500,
};

/** Say what `error` means. Whatever is thrown becomes a problem, so that no page is left without words. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) {
    return {
      status: error.status,
      code: error.code,
      detail: error.detail,
      errors: error.errors ?? [],
      retryAfter: error.retryAfter ?? null,
      requestId: error.requestId ?? null,
    };
  }
  // fetch() throws a TypeError for every failure of the network.
  return error instanceof TypeError ? NO_ANSWER : FAULT_OF_OURS;
}

/** The request was given up on purpose: the page it was for has gone. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Whether the same call may work in a moment, with nothing changed. */
export function isPassing(problem: Problem): boolean {
  return problem.status === 0 || problem.status === 503;
}
