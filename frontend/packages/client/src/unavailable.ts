/** What it means not to know. */

/** It can't be known whether a token is good. Answer 503, never 401: a client would refresh, and log in, for nothing. */
export class Unavailable extends Error {
  override readonly name: string = "Unavailable";

  constructor(
    message: string,
    options?: ErrorOptions,
    /** Seconds after which it may be known again. */
    readonly retryAfter = 5,
  ) {
    super(message, options);
  }
}
