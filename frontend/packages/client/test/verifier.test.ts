// @vitest-environment node
/** An API of one's own takes the tokens that are good, and no other; and asks for keys no more than it must. */
import { beforeAll, beforeEach, expect, it } from "vitest";
import { createVerifier, hasSessionCookie, InvalidToken, KeysUnavailable, refusal, type Verifier } from "../src/server";

const ISSUER = "https://id.example.com";
const NOW = 1_795_425_000;
const HEAD = { alg: "ES256", typ: "at+jwt" };
const CLAIMS = { iss: ISSUER, aud: "latchkey", sub: "ada", sid: "a-session", iat: NOW - 10, exp: NOW + 890 };

interface Pair {
  name: string;
  private: CryptoKey;
  published: object;
}

let one: Pair;
let two: Pair;
/** What the service publishes; null while it is away. */
let published: unknown;
let asked: string[];
let seconds: number;
let verifier: Verifier;

beforeAll(async () => {
  [one, two] = await Promise.all([pair("one"), pair("two")]);
});

beforeEach(() => {
  published = { keys: [one.published] };
  asked = [];
  seconds = NOW;
  verifier = createVerifier({ issuer: ISSUER, fetch: served, now: () => seconds * 1000 });
});

const served = ((url: string) => {
  asked.push(url);
  return published === null ? Promise.reject(new TypeError("network")) : Promise.resolve(Response.json(published));
}) as typeof fetch;

async function pair(name: string): Promise<Pair> {
  const way = { name: "ECDSA", namedCurve: "P-256" };
  const { privateKey, publicKey } = await crypto.subtle.generateKey(way, true, ["sign", "verify"]);
  const { x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  return {
    name,
    private: privateKey,
    published: { kty: "EC", crv: "P-256", x, y, kid: name, use: "sig", alg: "ES256" },
  };
}

const base64url = (bytes: string | ArrayBuffer) =>
  Buffer.from(bytes as string)
    .toString("base64")
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");

async function token(claims: object = {}, head: object = {}, by: Pair = one): Promise<string> {
  const header = { ...HEAD, kid: by.name, ...head };
  const signed = [header, { ...CLAIMS, ...claims }].map((part) => base64url(JSON.stringify(part))).join(".");
  const way = { name: "ECDSA", hash: "SHA-256" };
  return `${signed}.${base64url(await crypto.subtle.sign(way, by.private, Buffer.from(signed)))}`;
}

const flaw = (shown: string) =>
  verifier.verify(shown).then(
    () => "none",
    (error: unknown) => (error instanceof InvalidToken ? error.flaw : String(error)),
  );

it("a good token says whose it is, and the keys are asked for once", async () => {
  const shown = await token({ amr: ["pwd"], acr: "aal1", aud: ["else", "latchkey"] });
  const all = await Promise.all(Array.from({ length: 20 }, () => verifier.verify(shown)));
  expect(all[0]).toMatchObject({ sub: "ada", sid: "a-session", amr: ["pwd"] });
  expect(asked).toEqual([`${ISSUER}/.well-known/jwks.json`]);
});

it("every flaw is found", async () => {
  const none = base64url(JSON.stringify({ ...HEAD, alg: "none", kid: "one" }));
  const good = await token();
  const [head = "", body = "", signature = ""] = good.split(".");
  const forged = base64url(JSON.stringify({ ...CLAIMS, sub: "eve" }));
  const flaws: [string, string][] = [
    ["", "malformed"],
    ["x.y", "malformed"],
    [`${head}.${body}.`, "malformed"],
    [`${none}.${body}.`, "malformed"],
    [`${none}.${body}.${signature}`, "malformed"],
    [`${good}${"A".repeat(2048)}`, "malformed"],
    [`${head}.${base64url("[]")}.${signature}`, "signature"],
    [`${head}.${forged}.${signature}`, "signature"],
    [`${head}.${body}.${"A".repeat(86)}`, "signature"],
    [await token({}, { alg: "HS256" }), "malformed"],
    [await token({}, { alg: "ES384" }), "malformed"],
    [await token({}, { crit: ["exp"] }), "malformed"],
    [await token({}, { kid: 7 }), "malformed"],
    [await token({}, { typ: "JWT" }), "type"],
    [await token({}, { kid: "nobody's" }), "unknown_key"],
    [await token({}, { kid: "one" }, two), "signature"],
    [await token({ iss: `${ISSUER}/` }), "issuer"],
    [await token({ aud: "else" }), "audience"],
    [await token({ aud: undefined }), "audience"],
    [await token({ exp: undefined }), "claims"],
    [await token({ exp: "tomorrow" }), "claims"],
    [await token({ sub: 7 }), "claims"],
    [await token({ sid: undefined }), "claims"],
    [await token({ nbf: "x" }), "claims"],
    [await token({ exp: NOW - 60 }), "expired"],
    [await token({ iat: NOW + 61 }), "not_yet"],
    [await token({ nbf: NOW + 61 }), "not_yet"],
  ];
  for (const [shown, expected] of flaws) expect([shown, await flaw(shown)]).toEqual([shown, expected]);
  expect(await flaw(await token({ exp: NOW - 59 }))).toBe("none");
  expect(await flaw(await token({ iat: NOW + 60 }))).toBe("none");
});

it("a key that is new is asked for; a name that was made up, once in ten seconds", async () => {
  expect(await flaw(await token())).toBe("none");
  published = { keys: [one.published, two.published] };
  seconds += 10;
  expect(await flaw(await token({}, {}, two))).toBe("none");
  expect(asked).toHaveLength(2);
  for (let number = 0; number < 50; number++) {
    expect(await flaw(await token({}, { kid: `made-up-${number}` }))).toBe("unknown_key");
  }
  expect(asked).toHaveLength(2);
  seconds += 10;
  await Promise.all([flaw(await token({}, { kid: "x" })), flaw(await token({}, { kid: "y" }))]);
  expect(asked).toHaveLength(3);
});

it("a key that was taken back is trusted no longer than the keys may be kept", async () => {
  expect(await flaw(await token())).toBe("none");
  published = { keys: [two.published] };
  seconds += 299;
  expect(await flaw(await token())).toBe("none");
  seconds += 1;
  expect(await flaw(await token())).toBe("unknown_key");
});

it("while the service is away known keys do for an hour, and nothing else is called a bad token", async () => {
  expect(await flaw(await token())).toBe("none");
  published = null;
  seconds += 600;
  expect(await flaw(await token({ exp: NOW + 9_000 }))).toBe("none");
  await expect(verifier.verify(await token({}, {}, two))).rejects.toBeInstanceOf(KeysUnavailable);
  expect(asked).toHaveLength(2); // once a second at most
  seconds += 3_000;
  await expect(verifier.verify(await token({ exp: NOW + 9_000 }))).rejects.toBeInstanceOf(KeysUnavailable);
  published = { keys: [one.published] };
  await expect(verifier.verify(await token({ exp: NOW + 9_000 }))).rejects.toBeInstanceOf(KeysUnavailable);
  seconds += 1;
  expect(await flaw(await token({ exp: NOW + 9_000 }))).toBe("none");
});

it("a page that is no key set, and keys of other kinds, do no harm", async () => {
  published = {
    keys: [
      { kty: "RSA", kid: "one" },
      { ...one.published, use: "enc" },
      { ...one.published, kid: 7 },
      { ...one.published, x: "AAAA" },
    ],
  };
  expect(await flaw(await token())).toBe("unknown_key");
  for (const page of [{}, { keys: {} }, null]) {
    verifier = createVerifier({ issuer: ISSUER, fetch: served, now: () => seconds * 1000 });
    published = page;
    await expect(verifier.verify(await token())).rejects.toBeInstanceOf(KeysUnavailable);
  }
  const moved = () => Promise.resolve(new Response(null, { status: 302, headers: { location: "https://evil.test" } }));
  verifier = createVerifier({ issuer: ISSUER, fetch: moved });
  await expect(verifier.verify(await token())).rejects.toBeInstanceOf(KeysUnavailable);
});

it("reads the token out of a request of fetch's or of Node's", async () => {
  const shown = await token();
  const request = new Request("https://api.example.com", { headers: { authorization: `bearer ${shown}` } });
  expect((await verifier.authenticate(request)).sub).toBe("ada");
  expect((await verifier.authenticate({ headers: { authorization: `Bearer ${shown}` } })).sub).toBe("ada");
  for (const authorization of [undefined, "", "Bearer", `Basic ${shown}`]) {
    await expect(verifier.authenticate({ headers: { authorization } })).rejects.toMatchObject({ flaw: "missing" });
  }
  const twice = { headers: { authorization: [`Bearer ${shown}`, `Bearer ${shown}`] } };
  await expect(verifier.authenticate(twice)).rejects.toMatchObject({ flaw: "malformed" });
});

it("says what to answer", () => {
  expect(refusal(new InvalidToken("missing"))).toMatchObject({
    status: 401,
    headers: { "WWW-Authenticate": "Bearer", "Content-Type": "application/problem+json" },
  });
  const { status, headers, body } = refusal(new InvalidToken("expired"));
  expect([status, headers["WWW-Authenticate"]]).toEqual([401, 'Bearer error="invalid_token"']);
  expect(JSON.parse(body)).toMatchObject({ status: 401, code: "invalid_token" });
  expect(body).not.toContain("expired"); // for the log, not for whoever tries
  expect(refusal(new KeysUnavailable())).toMatchObject({ status: 503, headers: { "Retry-After": "5" } });
  expect(() => refusal(new Error("a mistake"))).toThrow("a mistake");
});

it("sees whether a browser has a session's cookie", () => {
  const has = (cookie: string) => hasSessionCookie({ headers: new Headers({ cookie }) });
  expect([has("a=b; __Host-refresh=lkr_x"), has("refresh=lkr_x"), hasSessionCookie({ headers: {} })]).toEqual([
    true,
    true,
    false,
  ]);
  expect([has("__Host-refresh-8443=lkr_x"), has("a=b; refresh-8001-one=lkr_x")]).toEqual([true, true]);
  expect([has("refresh-8443="), has("refreshed=x"), has("refresh-=x")]).toEqual([false, false, false]);
  expect([has("refresh="), has("my__Host-refresh=x"), has("a=refresh=x"), has("")]).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
