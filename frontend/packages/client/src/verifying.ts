/** Whose access token it is, checked offline: ES256, of one issuer, for one audience (RFC 9068, RFC 8725). */
import { type Authenticates, type Claims, InvalidToken, partsOf, type Proofs, shownBy, unbound } from "./bearer.js";
import { bytes, read } from "./jws.js";
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
  /** Looks at proofs of possession; without, a token that is bound to a key is refused. */
  proofs?: Proofs;
}

export interface Verifier extends Authenticates<Claims> {
  /** Whose token it is. Rejects with `InvalidToken`, as one that is bound to a key, and with `KeysUnavailable`. */
  verify(token: string): Promise<Claims>;
}

const LEEWAY = 60;

/** Make one for the whole process: it keeps the keys. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { issuer, audience = "latchkey", leeway = LEEWAY, now = Date.now } = options;
  const keys = new Keys(options.keysUrl ?? `${issuer}/.well-known/jwks.json`, options);

  async function claimsOf(token: string): Promise<Claims> {
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

  return {
    verify: async (token) => unbound(await claimsOf(token)),
    authenticate: (request) => shownBy(request, claimsOf, options.proofs),
  };
}
