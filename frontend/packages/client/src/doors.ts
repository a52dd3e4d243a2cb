/** The service's calls that begin, renew and end sessions: each says how the refresh token travels. */
import type { Keeper } from "./keeper.js";
import { ProblemError, type Reason } from "./problem.js";
import { call, type Loose, type Send } from "./request.js";
import type { components } from "./schema.js";
import type { TokenAnswer } from "./token.js";

/** For what every tab waits for: a connection may die without a word. */
export const ANSWER_WITHIN = 10_000;

/** Where one logs in. */
export type Door =
  `/api/auth/${"login" | "email/finish" | "passkeys" | "passkeys/register" | "providers/{provider}/finish" | "providers/link" | "second-factor" | "second-factor/enrol/confirm"}`;

/** What a log-in answers besides a session: recovery codes, where a second factor was set up in it. */
export type Told = components["schemas"]["EnrolledInCookieResponse"];

/** Call one of them. */
export function post<P extends Door | `/api/auth/${"refresh" | "logout" | "logout-all"}`>(
  send: Send,
  { headers }: Keeper,
  path: P,
  input: Loose,
) {
  return call(send, "POST", path, { ...input, headers });
}

/**
 * Ask for the next tokens, with `body`. Where there is no session, or none any more, the answer has none, and maybe a reason.
 *
 * Rejects where that isn't known. `opening`: whose it is, is asked as well.
 */
export async function refresh(
  send: Send,
  keeper: Keeper,
  body: object,
  opening: boolean,
): Promise<TokenAnswer | { reason?: Reason | undefined }> {
  try {
    const query = { opening: opening || null };
    return (await post(send, keeper, "/api/auth/refresh", { body, query, limit: ANSWER_WITHIN })) ?? {};
  } catch (error) {
    if (error instanceof ProblemError && error.code === "invalid_grant") return error;
    throw error;
  }
}
