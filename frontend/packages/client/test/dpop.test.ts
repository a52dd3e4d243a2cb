// @vitest-environment node
/** An API of one's own takes a token that is bound to a key from who has the key, and from nobody else. */
import { expect, it } from "vitest";
import { type ProofsOptions } from "../src/dpop";
import { refusal, type Requested } from "../src/server";
import {
  ada,
  BOUND,
  eve,
  good,
  HERE,
  introspector,
  NOTES,
  NOW,
  outcome,
  proofs,
  request,
  token,
  verifier,
} from "./ownApi";
import { b64, Holder, sha256 } from "./possession";

it("a bound token is no bearer's, whichever way one finds out whose it is, also beside a good proof", async () => {
  for (const options of [null, {}]) {
    const ways = [verifier(options), introspector(options)];
    for (const way of ways) {
      for (const shown of [
        BOUND,
        token(null, { cnf: {} }),
        token(null, { cnf: { "x5t#S256": "x" } }),
        token(null, { cnf: null }),
      ]) {
        expect(await outcome(way.authenticate(request(`Bearer ${shown}`, good())))).toBe("bound");
      }
      expect(await outcome(way.authenticate(request(`Bearer ${token(null)}`)))).toBe("taken");
    }
    const [byKeys, byAsking] = [verifier(options), introspector(options)];
    expect(await outcome(byKeys.verify(BOUND))).toBe("bound");
    expect(await outcome(byAsking.introspect(BOUND))).toBe("bound");
  }
  for (const way of [verifier(null), introspector(null)]) {
    const error: unknown = await way.authenticate(request(`DPoP ${BOUND}`, good())).catch((error: unknown) => error);
    expect(error).toMatchObject({ flaw: "bound" });
    expect(refusal(error)).toMatchObject({
      status: 401,
      headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' },
    });
  }
});

it("with a proof it is whose it says, by each kind of key; one that is bound to nothing isn't", async () => {
  for (const holder of [ada, new Holder("EdDSA"), new Holder("Ed25519"), new Holder("RS256")]) {
    const shown = token(holder);
    for (const way of [verifier(), introspector()]) {
      const proof = good({}, NOTES, holder, shown);
      expect(await way.authenticate(request(`DPoP ${shown}`, proof))).toMatchObject({
        sub: "ada",
        cnf: { jkt: holder.jkt },
      });
      expect(await outcome(way.authenticate(request(`dpop ${shown}`, proof)))).toBe("used");
      expect(await outcome(way.authenticate(request(`DPoP ${shown}`)))).toBe("missing");
      const free = token(null);
      expect(await outcome(way.authenticate(request(`DPoP ${free}`, good({}, NOTES, holder, free))))).toBe("unbound");
    }
  }
  const asked = new Request(`${NOTES}?page=2`, { headers: { authorization: `DPoP ${BOUND}`, dpop: good() } });
  expect(await outcome(verifier().authenticate(asked))).toBe("taken");
});

it("every flaw of a proof is found, and says so to a log alone", async () => {
  const [header = "", body = "", signature = ""] = good().split(".");
  const { x, y } = ada.jwk;
  const exported = ada.private.export({ format: "jwk" });
  const long = new Holder("RS256", 1024);
  const flaws: [string, string][] = [
    ["", "missing"],
    ["x", "form"],
    [`${header}.${body}.`, "form"],
    [`${good()}, ${good()}`, "form"],
    [good({ said: { more: "x".repeat(4096) } }), "form"],
    [`${b64("[]")}.${body}.${signature}`, "form"],
    [good({ head: { typ: "JWT" } }), "form"],
    [good({ head: { crit: ["x"] } }), "form"],
    [good({ head: { b64: false } }), "form"],
    [good({ head: { alg: "none" } }), "algorithm"],
    [good({ head: { alg: "HS256" } }), "algorithm"],
    [good({ head: { alg: "ES384" } }), "algorithm"],
    [good({ head: { alg: "__proto__" } }), "algorithm"],
    [good({ head: { alg: "toString" } }), "algorithm"],
    [good({ head: { alg: undefined } }), "algorithm"],
    [good({ head: { alg: "RS256" } }), "key"],
    [good({ head: { jwk: undefined } }), "key"],
    [good({ head: { jwk: "x" } }), "key"],
    [good({ head: { jwk: exported } }), "key"],
    [good({ head: { jwk: { kty: "oct", k: "x", ...ada.jwk } } }), "key"],
    [good({ head: { jwk: { kty: "EC", crv: "P-256", x } } }), "key"],
    [good({ head: { jwk: { kty: "EC", crv: "P-384", x, y } } }), "key"],
    [good({}, NOTES, eve), "key"],
    [good({ head: { jwk: eve.jwk } }), "key"],
    [good({ by: eve.private }), "signature"],
    [`${header}.${body}.AAAA`, "signature"],
    [
      `${header}.${b64({ ...JSON.parse(Buffer.from(body, "base64url").toString()), jti: "else" })}.${signature}`,
      "signature",
    ],
    [good({ said: { htm: "POST" } }), "address"],
    [good({ said: { htm: "get" } }), "address"],
    [good({ said: { htm: undefined } }), "address"],
    [good({ said: { htu: undefined } }), "address"],
    [good({}, "https://else.example.com/notes"), "address"],
    [good({}, "http://api.example.com/notes"), "address"],
    [good({}, `${HERE}:444/notes`), "address"],
    [good({}, `${HERE}/note`), "address"],
    [good({}, `${HERE}/notes/1`), "address"],
    [good({}, `${HERE}/Notes`), "address"],
    [good({}, "https://ada@api.example.com/notes"), "address"],
    [good({}, "/notes"), "address"],
    [good({}, ` ${NOTES}`), "address"],
    [good({}, `${HERE}\\notes`), "address"],
    [good({ said: { ath: undefined } }), "token"],
    [good({ said: { ath: "x" } }), "token"],
    [good({}, NOTES, ada, token(ada, { sub: "eve" })), "token"],
    [good({ said: { iat: undefined } }), "form"],
    [good({ said: { iat: String(NOW) } }), "form"],
    [good({ said: { jti: "" } }), "form"],
    [good({ said: { jti: 7 } }), "form"],
    [good({ said: { jti: "x".repeat(201) } }), "form"],
    [good({ said: { iat: NOW - 61 } }), "time"],
    [good({ said: { iat: NOW + 61 } }), "time"],
    [good({ said: { iat: 1e300 } }), "time"],
  ];
  const used: string[] = [];
  const way = verifier({ once: (name) => used.push(name) > 0 });
  for (const [proof, expected] of flaws) {
    expect([proof, await outcome(way.authenticate(request(`DPoP ${BOUND}`, proof)))]).toEqual([proof, expected]);
  }
  const short = token(long);
  expect(await outcome(way.authenticate(request(`DPoP ${short}`, good({}, NOTES, long, short))))).toBe("key");
  const n = "A".repeat(684); // more than 4096 bits
  const jwk = { kty: "RSA", e: "AQAB", n };
  const large = token(null, { cnf: { jkt: sha256(JSON.stringify({ e: "AQAB", kty: "RSA", n })) } });
  const proof = good({ head: { alg: "RS256", jwk } }, NOTES, ada, large);
  expect(await outcome(way.authenticate(request(`DPoP ${large}`, proof)))).toBe("key");
  expect(used).toEqual([]);
  const error: unknown = await way.authenticate(request(`DPoP ${BOUND}`, "x")).catch((error: unknown) => error);
  const { status, headers, body: said } = refusal(error);
  const challenge = 'DPoP error="invalid_dpop_proof", algs="ES256 EdDSA Ed25519 RS256"';
  expect([status, headers["WWW-Authenticate"]]).toEqual([401, challenge]);
  expect(JSON.parse(said)).toMatchObject({ code: "invalid_dpop_proof" });
  expect(said).not.toContain("form");
  for (const off of [-60, 60]) {
    expect(await outcome(way.authenticate(request(`DPoP ${BOUND}`, good({ said: { iat: NOW + off } }))))).toBe("taken");
  }
});

it("addresses are compared as what they are, and only with what this service was said to be", async () => {
  const shown = `DPoP ${BOUND}`;
  for (const spelt of [`${NOTES}?page=3#x`, "HTTPS://API.example.com:443/notes", `${HERE}/x/../n%6Ftes`]) {
    expect(await outcome(verifier().authenticate(request(shown, good({}, spelt))))).toBe("taken");
  }
  const cases: [Partial<ProofsOptions>, Partial<Requested>, string, string][] = [
    [{ origin: `${HERE}/v1/` }, {}, `${HERE}/v1/notes`, "taken"],
    [{ origin: `${HERE}/v1` }, {}, NOTES, "address"],
    [{ origin: ["http://localhost:8003", HERE] }, {}, "http://localhost:8003/notes", "taken"],
    [{}, { url: "/", originalUrl: "/notes" }, NOTES, "taken"],
    [{}, { url: "/caf%C3%A9/a%2Fb" }, `${HERE}/caf%c3%a9/a%2fb`, "taken"],
    [{}, { url: "/a%2Fb" }, `${HERE}/a/b`, "address"],
    [{}, { url: "https://else.example.com/notes" }, NOTES, "taken"],
    [{}, { url: "https://else.example.com/notes" }, "https://else.example.com/notes", "address"],
    [{}, { url: "https://api.example.com" }, HERE, "taken"],
    [{}, { url: "//else.example.com/notes" }, "https://else.example.com/notes", "address"],
    [{}, { url: "//else.example.com/notes" }, NOTES, "address"],
    [{}, { url: "@else.example.com/notes" }, "https://else.example.com/notes", "address"],
    [{}, { url: ":1@else.example.com/notes" }, "https://else.example.com/notes", "address"],
    [{}, { url: ".else.example.com/notes" }, `${HERE}.else.example.com/notes`, "address"],
    [{}, { url: '/"notes"?q={"x"}' }, "nothing", "address"],
    [{}, { url: "/notes?q={}^\\" }, NOTES, "taken"],
  ];
  for (const [options, at, url, expected] of cases) {
    const found = await outcome(verifier(options).authenticate(request(shown, good({}, url), at)));
    expect([at, url, found]).toEqual([at, url, expected]);
  }
  for (const origin of ["api.example.com", "", "ftp://api.example.com"]) {
    expect(() => proofs({ origin })).toThrow("origin is no address");
  }
  const none = { url: undefined, method: undefined };
  expect(await outcome(verifier().authenticate(request(shown, good(), none)))).toBe("TypeError");
});
