/** An API of one's own that takes tokens which are bound to a key: for tests, with a clock that is moved by hand. */
import { beforeEach } from "vitest";
import { createProofs, InvalidProof, type ProofsOptions } from "../src/dpop";
import { createIntrospector, createVerifier, InvalidToken, type Requested } from "../src/server";
import { CLIENT } from "./latchkey";
import { Holder, type Changes } from "./possession";

const ISSUER = "https://id.example.com";
export const HERE = "https://api.example.com";
export const NOTES = `${HERE}/notes`;
export const NOW = 1_795_425_000;

export const service = new Holder();
export const ada = new Holder();
export const eve = new Holder();
const KEYS = { keys: [{ ...service.jwk, kid: "one", use: "sig", alg: "ES256" }] };

/** What the clock says, moved by hand. */
export const clock = { seconds: NOW };
const now = () => clock.seconds * 1000;

beforeEach(() => {
  clock.seconds = NOW;
});

/** An access token, bound to somebody's key or to none. */
export function token(holder: Holder | null = ada, claims: object = {}): string {
  const bound = holder && { cnf: { jkt: holder.jkt } };
  const said = {
    iss: ISSUER,
    aud: "latchkey",
    sub: "ada",
    sid: "s",
    iat: NOW - 10,
    exp: NOW + 890,
    ...bound,
    ...claims,
  };
  return service.proof("", "", "", 0, {
    head: { typ: "at+jwt", kid: "one", jwk: undefined },
    said: { htm: undefined, htu: undefined, jti: undefined, ath: undefined, ...said },
  });
}

export const BOUND = token();
const fetched = ((_: string, { body }: RequestInit = {}) => {
  if (!body) return Promise.resolve(Response.json(KEYS));
  const shown = (body as URLSearchParams).get("token") ?? "";
  const claims = JSON.parse(Buffer.from(shown.split(".")[1] ?? "", "base64url").toString()) as object;
  return Promise.resolve(Response.json({ active: true, token_type: "DPoP", ...claims }));
}) as typeof fetch;

export const verifier = (options: Partial<ProofsOptions> | null = {}) =>
  createVerifier({ issuer: ISSUER, fetch: fetched, now, ...(options && { proofs: proofs(options) }) });
export const introspector = (options: Partial<ProofsOptions> | null = {}) =>
  createIntrospector({ ...CLIENT, fetch: fetched, now, ...(options && { proofs: proofs(options) }) });
export const proofs = (options: Partial<ProofsOptions> = {}) => createProofs({ origin: HERE, now, ...options });

export function request(shown: string, proof?: string, at: Partial<Requested> = {}): Requested {
  const headers = { authorization: shown, ...(proof !== undefined && { dpop: proof }) };
  return { method: "GET", url: "/notes?page=2", ...at, headers };
}

export const good = (changes?: Changes, url = NOTES, holder = ada, shown = BOUND) =>
  holder.proof("GET", url, shown, clock.seconds, changes);

export const outcome = (asked: Promise<unknown>) =>
  asked.then(
    () => "taken",
    (error: unknown) => {
      if (error instanceof InvalidProof) return error.why;
      return error instanceof InvalidToken ? error.flaw : (error as Error).name;
    },
  );
