/** A key that stays where it was made, and what is signed by it for each request (DPoP, RFC 9449, section 4.2). */
import { text } from "./base64url.js";

/** A key pair. Nobody can read the private half, this page included: browsers sign with it. */
export interface ProofKey {
  /** The public half's thumbprint (RFC 7638): what the tokens of a session that is bound to it say (`cnf.jkt`). */
  readonly jkt: string;
  readonly jwk: Readonly<Record<"crv" | "kty" | "x" | "y", string>>;
  readonly signer: CryptoKey;
}

/** What a proof is good for. */
export interface Proven {
  method: string;
  /** Without query and fragment. */
  address: string;
  /** What the other side wants to see signed. */
  nonce: string | undefined;
  /** Milliseconds by which its clock is before this one. */
  ahead: number;
  /** The access token beside it. */
  token: string | undefined;
}

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const utf8 = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const hash = async (value: unknown) => text(await crypto.subtle.digest("SHA-256", utf8(value)));

export async function makeKey(): Promise<ProofKey> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(P256, false, ["sign"]);
  const { crv, kty, x, y } = (await crypto.subtle.exportKey("jwk", publicKey)) as ProofKey["jwk"];
  const jwk = { crv, kty, x, y }; // in this order it is what the thumbprint is of
  return { jkt: await hash(jwk), jwk, signer: privateKey };
}

/** The header `DPoP` of one request: each has a proof of its own, also where it is asked again. */
export async function prove(key: ProofKey, { method, address, nonce, ahead, token }: Proven): Promise<string> {
  const head = { typ: "dpop+jwt", alg: "ES256", jwk: key.jwk };
  const iat = Math.floor((Date.now() + ahead) / 1000);
  const ath = token && (await hash(token));
  const said = { jti: crypto.randomUUID(), htm: method, htu: address, iat, nonce, ath };
  const signed = `${text(utf8(head))}.${text(utf8(said))}`;
  return `${signed}.${text(await crypto.subtle.sign(P256, key.signer, utf8(signed)))}`;
}
