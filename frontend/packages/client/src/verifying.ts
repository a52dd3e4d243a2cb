/** Whose access token it is, checked offline: ES256, of one issuer, for one audience (RFC 9068, RFC 8725). */
import { type Authenticates, type Claims, InvalidToken, partsOf, tokenOf } from "./bearer.js";
import { Keys, type KeyOptions } from "./keys.js";

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

export interface Verifier extends Authenticates<Claims> {
  /** Whose token it is. Rejects with `InvalidToken`, and with `KeysUnavailable` where that can't be known. */
  verify(token: string): Promise<Claims>;
}

const LEEWAY = 60;

/** Make one for the whole process: it keeps the keys. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { issuer, audience = "latchkey", leeway = LEEWAY, now = Date.now } = options;
  const keys = new Keys(options.keysUrl ?? `${issuer}/.well-known/jwks.json`, options);

  async function verify(token: string): Promise<Claims> {
    const [head, body, signature] = partsOf(token);
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

  return { verify, authenticate: async (request) => verify(tokenOf(request)) };
}

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
