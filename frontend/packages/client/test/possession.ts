/** Who has a key, and signs proofs by it: for calls with a token, as DPoP (RFC 9449) has them. */
import { createHash, generateKeyPairSync, randomUUID, sign, type KeyObject } from "node:crypto";

export const b64 = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
export const sha256 = (text: string) => createHash("sha256").update(text).digest("base64url");

export type Algorithm = "ES256" | "EdDSA" | "Ed25519" | "RS256";

export interface Changes {
  head?: object;
  said?: object;
  by?: KeyObject;
}

export class Holder {
  readonly private: KeyObject;
  readonly jwk: JsonWebKey;
  readonly jkt: string;

  constructor(
    readonly alg: Algorithm = "ES256",
    bits = 2048,
  ) {
    const { privateKey, publicKey } =
      alg === "ES256"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : alg === "RS256"
          ? generateKeyPairSync("rsa", { modulusLength: bits })
          : generateKeyPairSync("ed25519");
    this.private = privateKey;
    this.jwk = publicKey.export({ format: "jwk" });
    const { crv, e, kty, n, x, y } = this.jwk;
    this.jkt = sha256(JSON.stringify({ crv, e, kty, n, x, y }));
  }

  /** A proof for one call, good but for `changes`. */
  proof(method: string, url: string, token: string, seconds: number, { head, said, by }: Changes = {}): string {
    const header = { typ: "dpop+jwt", alg: this.alg, jwk: this.jwk, ...head };
    const claims = { htm: method, htu: url, iat: seconds, jti: randomUUID(), ath: sha256(token), ...said };
    const signed = `${b64(header)}.${b64(claims)}`;
    const isPlain = this.alg === "EdDSA" || this.alg === "Ed25519";
    const key = { key: by ?? this.private, dsaEncoding: "ieee-p1363" as const };
    return `${signed}.${sign(isPlain ? null : "sha256", Buffer.from(signed), key).toString("base64url")}`;
  }
}
