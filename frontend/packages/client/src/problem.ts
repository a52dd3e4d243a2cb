/** One place in a request that isn't acceptable; `pointer` is a JSON pointer such as "/email" (RFC 6901). */
export interface Fault {
  pointer: string;
  detail: string;
}

/** An answer from 400 up (RFC 9457): switch on `code`, show `detail`. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  constructor(
    /** The HTTP status. */
    readonly status: number,
    /** Stable; what a program switches on. */
    readonly code: string,
    /** One sentence for a person. */
    readonly detail: string,
    /** Where the request isn't acceptable; only with status 422. */
    readonly errors: readonly Fault[] = [],
    /** Why a session is over, as closely as the service says it; only with a refused refresh. */
    readonly reason?: string,
    /** Seconds to wait before trying again, where the service said so. */
    readonly retryAfter?: number,
    /** To be quoted when asking for help. */
    readonly requestId?: string,
  ) {
    super(detail);
  }

  /** Whether the same call may work in a moment, with nothing changed. */
  get passing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

/** Read the problem out of `response`; a proxy's page without one becomes a problem too. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => null);
  const said = (body ?? {}) as Partial<Omit<ProblemError, "cause">> & { cause?: string; request_id?: string };
  const wait = Number(response.headers.get("retry-after") ?? NaN);
  return new ProblemError(
    response.status,
    said.code ?? (response.status < 500 ? "unexpected" : "unavailable"),
    said.detail ?? "The service can't be reached at the moment.",
    said.errors,
    said.cause ?? said.reason,
    Number.isFinite(wait) ? wait : undefined,
    said.request_id,
  );
}
