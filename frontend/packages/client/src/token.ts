import type { User } from "./state.js";

/** What a log-in and a refresh answer. */
export interface TokenAnswer {
  access_token: string;
  refresh_token?: string | null;
  expires_in: number;
  /** Whose session it is, where a page that opens has asked, of a service that knows the question. */
  user?: User;
}

/** An access token, and what its claims say of the session. They are read, never trusted: the service checks. */
export interface Token {
  readonly token: string;
  /** By this browser's clock, in milliseconds. */
  readonly expiresAt: number;
  /** The session's id. */
  readonly sid: string | null;
  /** Whose it is. */
  readonly sub: string | null;
  /** How often the session was refreshed. */
  readonly gen: number;
}

export function tokenOf(token: string, expiresAt: number): Token {
  let claims = {};
  try {
    claims = JSON.parse(atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/"))) as object;
  } catch {
    // No JWT: nothing is known about it, which is fine.
  }
  return { sid: null, sub: null, gen: 0, ...claims, token, expiresAt };
}

/** Whether both are of one session. */
export function ofOneSession(one: Token | null, other: Token | null): boolean {
  return one !== null && other !== null && one.sid === other.sid && one.sub === other.sub;
}

/** The headers of `init` with the access token, if there is one, and the rest of what a `fetch` needs. */
export function bearing({ headers: given, signal, ...rest }: RequestInit, token: Token | null): RequestInit {
  const headers = new Headers(given);
  if (token) headers.set("Authorization", `Bearer ${token.token}`);
  return { ...rest, headers, signal: signal ?? null };
}
