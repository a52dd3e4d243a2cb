/**
 * For an API of one's own that takes tokens which are bound to a key: whether a request comes from who has it (DPoP, RFC 9449
 * section 4.3).
 */
import { header, InvalidToken, type Proofs } from "./bearer.js";
import { bytes, read } from "./jws.js";
import { Unavailable } from "./unavailable.js";

export type { Proofs, Requested } from "./bearer.js";

export interface ProofsOptions {
  /**
   * What stands before the path that this server sees, as clients see it: `https://api.example.com`, and what a proxy takes
   * away. Nothing is taken from `Host` or `X-Forwarded-…`, which whoever has seen a proof for another service could write.
   */
  origin: string | readonly string[];
  /**
   * Note `name` for so many seconds, and say whether it wasn't there yet, in one step: Redis's `SET name "" NX EX seconds`. By
   * default a memory of this process's own, which does for as many processes as one.
   */
  once?: (name: string, seconds: number) => boolean | Promise<boolean>;
  /** The clock, in milliseconds. */
  now?: () => number;
}

/** Why a proof is none. For logs. */
export type ProofFlaw = "missing" | "form" | "algorithm" | "key" | "signature" | "address" | "token" | "time" | "used";

const ALGORITHMS = "ES256 EdDSA Ed25519 RS256";

/** The token may be good, but whoever shows it hasn't shown its key: 401, and it isn't refreshed for that. */
export class InvalidProof extends InvalidToken {
  constructor(readonly why: ProofFlaw) {
    super("proof", `DPoP error="invalid_dpop_proof", algs="${ALGORITHMS}"`);
    this.message = `There is no proof of the access token's key: ${why}`;
  }
}

/** Seconds by which a proof's time may be off, either way. */
const LEEWAY = 60;
/** Seconds for which a proof is known as used: as long as it would be taken, and a little longer where clocks differ. */
const REMEMBERED = 2 * LEEWAY + 10;
const SHAPE = /^([\w-]{1,2048})\.([\w-]+)\.([\w-]+)$/;
const LONGEST = 4096;
const LONGEST_NUMBER = 200;
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const ADDRESS = /^https?:\/\/[!#-[\]_a-z~]{1,2048}$/i;

/** Make one for the whole process: it remembers which proofs were used. */
export function createProofs(options: ProofsOptions): Proofs {
  const { origin, now = Date.now } = options;
  const once = options.once ?? memory(now);
  const bases = [origin].flat().map((one) => {
    const base = plain(one);
    if (base === undefined) throw new TypeError(`origin is no address: ${one}`);
    return base.replace(/\/$/, "");
  });

  return {
    async check(request, token, jkt) {
      const { method } = request;
      const url = request.originalUrl ?? request.url;
      if (!method || url === undefined) throw new TypeError("method and url of the request are needed");
      const path = url.replace(/^https?:\/\/[^/?#]*/i, "").replace(/^\/|[?#].*/gs, "");
      const { alg, jwk, said, signature, signed } = parsed(header(request.headers, "dpop"));
      const key = KEYS[alg];
      if (!key) throw new InvalidProof("algorithm");
      // Whose key it is comes first: no other key's signature is looked at.
      const needed = key.members(jwk);
      if (!needed || (await hash(JSON.stringify(needed))) !== jkt) throw new InvalidProof("key");
      const { htm, htu, iat, jti, ath } = said;
      const meant = typeof htu === "string" ? plain(htu) : undefined;
      const isHere = meant !== undefined && bases.some((base) => meant === plain(`${base}/${path}`));
      if (htm !== method || !isHere) throw new InvalidProof("address");
      if (ath !== (await hash(token))) throw new InvalidProof("token");
      if (typeof iat !== "number" || typeof jti !== "string" || !jti || jti.length > LONGEST_NUMBER) {
        throw new InvalidProof("form");
      }
      const age = now() / 1000 - iat;
      if (!(Math.abs(age) <= LEEWAY)) throw new InvalidProof("time");
      if (!(await isBy(key, needed, signature, signed))) throw new InvalidProof("signature");
      if (!(await isNew(await hash(`${jkt} ${jti}`)))) throw new InvalidProof("used");
    },
  };

  async function isNew(name: string): Promise<boolean> {
    try {
      return await once(name, REMEMBERED);
    } catch (cause) {
      throw new Unavailable("It can't be known whether a proof was used before", { cause });
    }
  }
}

/** Two sets take turns: what is in neither any more is too old to be taken. */
function memory(now: () => number): (name: string) => boolean {
  let [newer, older] = [new Set<string>(), new Set<string>()];
  let since = -Infinity;
  return (name) => {
    const seconds = now() / 1000;
    if (seconds - since >= REMEMBERED) [newer, older, since] = [new Set(), newer, seconds];
    if (newer.has(name) || older.has(name)) return false;
    newer.add(name);
    return true;
  };
}

type Members = Record<string, string>;

interface Kind {
  way: AlgorithmIdentifier | RsaHashedImportParams | EcKeyImportParams;
  check: AlgorithmIdentifier | EcdsaParams;
  /** The members that a key of this kind has to have, in the order of its thumbprint (RFC 7638); undefined: it is none. */
  members(jwk: Record<string, unknown>): Members | undefined;
}

const of =
  (fixed: Members, ...names: string[]) =>
  (jwk: Record<string, unknown>): Members | undefined => {
    const all = [...Object.keys(fixed), ...names].sort();
    const given = all.every((name) => typeof jwk[name] === "string" && (fixed[name] ?? jwk[name]) === jwk[name]);
    return given ? (Object.fromEntries(all.map((name) => [name, jwk[name]])) as Members) : undefined;
  };

const ED25519: Kind = {
  way: { name: "Ed25519" },
  check: { name: "Ed25519" },
  members: of({ kty: "OKP", crv: "Ed25519" }, "x"),
};
const KEYS: Record<string, Kind | undefined> = {
  __proto__: null as never,
  ES256: {
    way: { name: "ECDSA", namedCurve: "P-256" },
    check: { name: "ECDSA", hash: "SHA-256" } as EcdsaParams,
    members: of({ kty: "EC", crv: "P-256" }, "x", "y"),
  },
  EdDSA: ED25519,
  Ed25519: ED25519, // as RFC 9864 calls it
  RS256: {
    way: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as RsaHashedImportParams,
    check: { name: "RSASSA-PKCS1-v1_5" },
    // 2048 to 4096 bits: the checker chooses neither, nor how long it takes
    members: (jwk) => {
      const found = of({ kty: "RSA", e: "AQAB" }, "n")(jwk);
      return found?.n && found.n.length >= 342 && found.n.length <= 683 ? found : undefined;
    },
  },
};

async function isBy({ way, check }: Kind, jwk: Members, signature: string, signed: string): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey("jwk", jwk, way, false, ["verify"]);
    return await crypto.subtle.verify(check, key, bytes(signature), new TextEncoder().encode(signed));
  } catch {
    return false; // no key of that kind, or no signature of that length
  }
}

function parsed(shown: string | undefined) {
  if (!shown) throw new InvalidProof("missing");
  const [, head, body, signature] = SHAPE.exec(shown.length > LONGEST ? "" : shown) ?? [];
  if (!head || !body || !signature) throw new InvalidProof("form");
  let header, said;
  try {
    [header, said] = [read(head), read(body)];
  } catch {
    throw new InvalidProof("form");
  }
  const { typ, alg, jwk, crit, b64 } = header;
  if (typ !== "dpop+jwt" || crit !== undefined || b64 !== undefined) throw new InvalidProof("form");
  if (typeof jwk !== "object" || jwk === null || PRIVATE.some((name) => name in jwk)) throw new InvalidProof("key");
  return { alg: String(alg), jwk: jwk as Record<string, unknown>, said, signature, signed: `${head}.${body}` };
}

/** An address without query and fragment, in the one spelling that all of its spellings have (RFC 3986, section 6.2.2). */
function plain(address: string): string | undefined {
  if (!ADDRESS.test(address)) return undefined;
  try {
    const { origin, pathname, username, password } = new URL(address);
    if (username || password) return undefined;
    return origin + pathname.replace(/%[0-9a-f]{2}/gi, unescaped);
  } catch {
    return undefined;
  }
}

function unescaped(found: string): string {
  const letter = String.fromCharCode(parseInt(found.slice(1), 16));
  return /[\w.~-]/.test(letter) ? letter : found.toUpperCase();
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const letters = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return letters.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}
