/** What a request shows to an API of one's own, and what it is answered where that isn't good. */
import type { OrLater } from "./problem.js";
import { Unavailable } from "./unavailable.js";

/** The service accepts none that is longer. */
const LONGEST = 2048;
const SHAPE = /^([\w-]+)\.([\w-]+)\.([\w-]{86})$/;

/** What an access token says. There is no name, address or right in it: ask `GET /api/users/me` for those. */
export interface Claims {
  iss: string;
  aud: string | string[];
  /** The user's id. */
  sub: string;
  /** The session's id. */
  sid: string;
  /** Seconds since the epoch, as all times here. */
  iat: number;
  exp: number;
  /** When the user last proved to be there, at log-in or step-up. */
  auth_time?: number;
  /** How (RFC 8176). */
  amr?: string[];
  /** What that is worth. */
  acr?: OrLater<"aal1" | "aal2" | "phr">;
}

/** Why a token is not taken. For logs: a client needs to know no more than 401. */
export type Flaw =
  | "missing"
  | "malformed"
  | "unknown_key"
  | "signature"
  | "type"
  | "issuer"
  | "audience"
  | "expired"
  | "not_yet"
  | "claims"
  | "inactive"; // the service, which was asked, says so

/** The caller has shown no token that is good: answer 401, and a client of ours refreshes and calls again. */
export class InvalidToken extends Error {
  override readonly name = "InvalidToken";

  constructor(readonly flaw: Flaw) {
    super(flaw === "missing" ? "No access token was sent" : `The access token is not good: ${flaw}`);
  }
}

/** Headers as `fetch` has them, or as Node's `http` does. */
export type HeadersOf = Headers | Readonly<Record<string, string | string[] | undefined>>;

/** Whatever finds out whose token it is. */
export interface Authenticates<Found> {
  /** For the token in a request's `Authorization`. Rejects with `InvalidToken`, and with what is `Unavailable`. */
  authenticate(request: { readonly headers: HeadersOf }): Promise<Found>;
}

/** The three parts of `token`, if it looks like one of ours at all; else an `InvalidToken`: it isn't worth a question. */
export function partsOf(token: string): [head: string, body: string, signature: string] {
  const [, head, body, signature] = SHAPE.exec(token.length > LONGEST ? "" : token) ?? [];
  if (!head || !body || !signature) throw new InvalidToken("malformed");
  return [head, body, signature];
}

/** The token of a request (RFC 6750, section 2.1). Throws an `InvalidToken` where there is none. */
export function tokenOf({ headers }: { readonly headers: HeadersOf }): string {
  const [scheme, token, ...more] = (header(headers, "authorization") ?? "").split(" ");
  if (scheme?.toLowerCase() !== "bearer" || !token) throw new InvalidToken("missing");
  if (more.length) throw new InvalidToken("malformed");
  return token;
}

/**
 * What to answer when a call is refused: `new Response(body, { status, headers })`, or the same with Node's `http`.
 *
 * 401 for an `InvalidToken` and 503 for what is `Unavailable`, as the service itself has them. Throws everything else.
 */
export function refusal(error: unknown): { status: number; headers: Record<string, string>; body: string } {
  if (error instanceof Unavailable) {
    const said = problem(503, "Unavailable", "unavailable", "Please try again in a moment.");
    return { ...said, headers: { ...said.headers, "Retry-After": String(error.retryAfter) } };
  }
  if (!(error instanceof InvalidToken)) throw error;
  const missing = error.flaw === "missing";
  const code = missing ? "not_authenticated" : "invalid_token";
  const said = problem(401, missing ? "Not authenticated" : "Invalid token", code, "Please log in.");
  const challenge = missing ? "Bearer" : 'Bearer error="invalid_token"'; // RFC 6750, section 3
  return { ...said, headers: { ...said.headers, "WWW-Authenticate": challenge } };
}

/**
 * Whether the browser that asks for a page has a session's cookie: enough to choose a page, never to show what is
 * somebody's.
 *
 * It says nothing about who that is, or whether the session lives: nobody but the service can read the cookie, and a server
 * that refreshed with it would look like a thief, from an address of its own. Only where page and service have one host.
 */
export function hasSessionCookie({ headers }: { readonly headers: HeadersOf }): boolean {
  const cookies = header(headers, "cookie") ?? "";
  return cookies.split(";").some((cookie) => /^ *(__Host-)?refresh(-[\w-]+)?=[^ ]/.test(cookie));
}

function problem(status: number, title: string, code: string, detail: string) {
  const body = JSON.stringify({ type: "about:blank", title, status, code, detail });
  return { status, headers: { "Content-Type": "application/problem+json", "Cache-Control": "no-store" }, body };
}

function header(headers: HeadersOf, name: string): string | undefined {
  // A `Headers` of another realm, as Next.js has them, is no instance of this one's.
  const found = typeof headers.get === "function" ? (headers as Headers).get(name) : (headers as Plain)[name];
  return Array.isArray(found) ? found.join(", ") : (found ?? undefined);
}

type Plain = Exclude<HeadersOf, Headers>;
