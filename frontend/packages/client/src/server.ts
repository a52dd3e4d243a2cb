/**
 * For an API of one's own, on any server that has `fetch` and WebCrypto: whose access token it is, checked offline.
 *
 * There is nothing to choose: tokens are ES256, of one issuer, for one audience (RFC 9068, RFC 8725).
 */
import { Keys, KeysUnavailable, type KeyOptions } from "./keys.js";
import type { OrLater } from "./problem.js";

export { KeysUnavailable } from "./keys.js";

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
  | "claims";

/** The caller has shown no token that is good: answer 401, and a client of ours refreshes and calls again. */
export class InvalidToken extends Error {
  override readonly name = "InvalidToken";

  constructor(readonly flaw: Flaw) {
    super(flaw === "missing" ? "No access token was sent" : `The access token is not good: ${flaw}`);
  }
}

export interface VerifierOptions extends KeyOptions {
  /** PUBLIC_URL of the service, letter by letter. */
  issuer: string;
  /** ACCESS_TOKEN_AUDIENCE of the service; "latchkey" by default. */
  audience?: string;
  /** Where the public keys are, if this server reaches the service by another address than the issuer's. */
  keysUrl?: string;
  /** Seconds by which clocks may differ. */
  leeway?: number;
}

/** Headers as `fetch` has them, or as Node's `http` does. */
export type HeadersOf = Headers | Readonly<Record<string, string | string[] | undefined>>;

export interface Verifier {
  /** Whose token it is. Rejects with `InvalidToken`, and with `KeysUnavailable` where that can't be known. */
  verify(token: string): Promise<Claims>;
  /** The same for the token in a request's `Authorization`. */
  authenticate(request: { readonly headers: HeadersOf }): Promise<Claims>;
}

/** The service accepts none that is longer. */
const LONGEST = 2048;
const SHAPE = /^([\w-]+)\.([\w-]+)\.([\w-]{86})$/;
const LEEWAY = 60;

/** Make one for the whole process: it keeps the keys. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { issuer, audience = "latchkey", leeway = LEEWAY, now = Date.now } = options;
  const keys = new Keys(options.keysUrl ?? `${issuer}/.well-known/jwks.json`, options);

  async function verify(token: string): Promise<Claims> {
    const [, head, body, signature] = SHAPE.exec(token.length > LONGEST ? "" : token) ?? [];
    if (!head || !body || !signature) throw new InvalidToken("malformed");
    const { alg, typ, kid, crit } = read(head);
    if (typ !== "at+jwt") throw new InvalidToken("type");
    if (alg !== "ES256" || typeof kid !== "string" || crit !== undefined) throw new InvalidToken("malformed");
    const key = await keys.get(kid);
    if (!key) throw new InvalidToken("unknown_key");
    const signed = new TextEncoder().encode(`${head}.${body}`);
    const good = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, bytes(signature), signed);
    if (!good) throw new InvalidToken("signature");
    return checked(read(body));
  }

  function checked(claims: Record<string, unknown>): Claims {
    const { iss, aud, sub, sid, iat, exp, nbf } = claims;
    if (iss !== issuer) throw new InvalidToken("issuer");
    if (!(Array.isArray(aud) ? aud : [aud]).includes(audience)) throw new InvalidToken("audience");
    const numbers =
      typeof exp === "number" && typeof iat === "number" && (nbf === undefined || typeof nbf === "number");
    if (!numbers || typeof sub !== "string" || typeof sid !== "string") throw new InvalidToken("claims");
    const seconds = now() / 1000;
    if (seconds >= exp + leeway) throw new InvalidToken("expired");
    if (seconds < Math.max(iat, nbf ?? 0) - leeway) throw new InvalidToken("not_yet");
    return claims as unknown as Claims;
  }

  return {
    verify,
    authenticate: async ({ headers }) => {
      const [scheme, token, ...more] = (header(headers, "authorization") ?? "").split(" ");
      if (scheme?.toLowerCase() !== "bearer" || !token) throw new InvalidToken("missing");
      if (more.length) throw new InvalidToken("malformed");
      return verify(token);
    },
  };
}

/**
 * What to answer when a call is refused: `new Response(body, { status, headers })`, or the same with Node's `http`.
 *
 * 401 for an `InvalidToken` and 503 for `KeysUnavailable`, as the service itself has them. Throws everything else.
 */
export function refusal(error: unknown): { status: number; headers: Record<string, string>; body: string } {
  if (error instanceof KeysUnavailable) {
    const said = problem(503, "Unavailable", "unavailable", "Please try again in a moment.");
    return { ...said, headers: { ...said.headers, "Retry-After": "5" } };
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

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function read(part: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes(part)));
    if (typeof found === "object" && found !== null && !Array.isArray(found)) return found as Record<string, unknown>;
  } catch {
    // Neither base64url nor UTF-8 nor JSON: all the same.
  }
  throw new InvalidToken("malformed");
}
