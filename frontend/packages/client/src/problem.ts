import type { EndReason } from "./reasons.js";
import type { components } from "./schema.js";

/** One of the words that are known, or one of a later version of the service. */
export type OrLater<Known extends string> = Known | (string & Record<never, never>);

/** What a program switches on. */
export type Code = OrLater<components["schemas"]["Problem"]["code"]>;

/** Why a session is over. */
export type Reason = OrLater<EndReason>;

/** One place in a request that isn't acceptable; `pointer` is a JSON pointer such as "/email" (RFC 6901). */
export interface Fault {
  pointer: string;
  detail: string;
}

/** What goes with single codes. */
export interface More {
  /** With `second_factor_required`, `enrolment_required` and `account_not_linked`: what the log-in goes on with. */
  challenge?: string;
  /** Until when it does. */
  expires_at?: string;
  /** With `invalid_code` in a log-in's second step: how often a code may still be wrong. */
  attempts_left?: number;
  /** With `invalid_passkey`: the service has no such passkey, or not any more. */
  unknown_credential?: boolean;
  /** With `account_not_linked`: which address it is about; null to be asked for. */
  email?: string | null;
}

/** An answer from 400 up (RFC 9457): switch on `code`, show `detail`. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  constructor(
    /** The HTTP status. */
    readonly status: number,
    /** Stable; what a program switches on. */
    readonly code: Code,
    /** One sentence for a person. */
    readonly detail: string,
    /** Where the request isn't acceptable; only with status 422. */
    readonly errors: readonly Fault[] = [],
    /** Why a session is over, as closely as the service says it; only with a refused refresh. */
    readonly reason?: Reason,
    /** Seconds to wait before trying again, where the service said so. */
    readonly retryAfter?: number,
    /** To be quoted when asking for help. */
    readonly requestId?: string,
    /** In which ways the reader can show who they are; where a call wants that, or a log-in a second step. */
    readonly methods: readonly string[] = [],
    /** What else goes with this code. */
    readonly more: More = {},
  ) {
    super(detail);
  }

  /** Whether the same call may work in a moment, with nothing changed. */
  get passing(): boolean {
    return this.status === 429 || this.status >= 500 || this.code === "device_proof_required";
  }
}

/**
 * No answer of the service came: no network, nobody there, or nothing in time. What was asked may have been done.
 *
 * Whatever else is thrown is somebody's mistake, and no reason to try again. A TypeError, as `fetch` has it.
 */
export class NetworkError extends TypeError {
  override readonly name = "NetworkError";
  readonly passing = true;

  constructor(
    /** Whether all the time there is went by without an answer. */
    readonly late: boolean,
    options?: ErrorOptions,
  ) {
    super("No answer", options);
  }
}

/** Whether the same call may work in a moment, with nothing changed: an error says that of itself. */
export function isPassing(error: unknown): boolean {
  return (error as { passing?: unknown } | null | undefined)?.passing === true;
}

/** Say it where the page's uncaught errors are heard, if it is neither the network's failing nor the service's. */
export function report(error: unknown): void {
  if (isPassing(error)) return;
  setTimeout(() => {
    throw error;
  });
}

/** What a log-out makes of a failure: without a credential that is good there is nothing to end any more. */
export function isOverAlready(error: unknown): void {
  if (!(error instanceof ProblemError && error.status === 401)) throw error;
}

/** Read the problem out of `response`; a proxy's page without one becomes a problem too. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => null);
  const said = (body ?? {}) as Partial<Omit<ProblemError, "cause">> & { cause?: Reason; request_id?: string };
  const wait = Number(response.headers.get("retry-after") ?? NaN);
  return new ProblemError(
    response.status,
    said.code ?? (response.status < 500 ? "unexpected" : "unavailable"),
    said.detail ?? "The service can't be reached at the moment.",
    said.errors,
    said.cause ?? said.reason,
    wait >= 0 ? wait : undefined,
    said.request_id,
    said.methods,
    said as More,
  );
}
