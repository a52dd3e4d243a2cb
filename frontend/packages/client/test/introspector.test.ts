// @vitest-environment node
/** An API of one's own that asks: no more often than it must, and never taking silence for a yes or a no. */
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  createIntrospector,
  InvalidToken,
  IntrospectionUnavailable,
  refusal,
  Unavailable,
  type Introspector,
  type IntrospectorOptions,
} from "../src/server";
import { bearer, CLIENT, ISSUER, Latchkey, token } from "./latchkey";

let latchkey: Latchkey;
let introspector: Introspector;

const made = (options: Partial<IntrospectorOptions> = {}) =>
  createIntrospector({ ...CLIENT, fetch: latchkey.fetch, ...options });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout", "clearTimeout"] });
  latchkey = new Latchkey();
  introspector = made();
});

afterEach(() => {
  vi.useRealTimers();
});

const outcome = (name: string, by = introspector) =>
  by.authenticate(bearer(name)).then(
    ({ sub }) => sub,
    (error: unknown) => (error instanceof InvalidToken ? error.flaw : (error as Error).name),
  );

it("says whose token it is, and asks as RFC 7662 and RFC 6749 have it", async () => {
  latchkey.sessions.set("root", { sub: "u-root", sid: "s-root", username: "root@example.com", scope: "superuser" });
  const found = await introspector.authenticate(bearer("root"));
  expect(found).toMatchObject({ sub: "u-root", sid: "s-root", username: "root@example.com", scope: "superuser" });
  const [{ url, init, about } = { url: "", init: {}, about: "" }] = latchkey.asked;
  expect([url, about, init.method, init.redirect]).toEqual([
    `${ISSUER}/oauth/introspect`,
    token("root"),
    "POST",
    "manual",
  ]);
  const shown = Buffer.from(
    (init.headers as Record<string, string>).Authorization?.slice(6) ?? "",
    "base64",
  ).toString();
  expect(shown).toBe("rs_a:lks_s%3Ae+c%26r%2Bt");
});

it("is told where to ask, by one address or the other", async () => {
  const { clientId, clientSecret } = CLIENT;
  const inside = "http://latchkey.internal:8000/oauth/introspect";
  const fetch = latchkey.fetch;
  expect(await outcome("ada", createIntrospector({ introspectionUrl: inside, clientId, clientSecret, fetch }))).toBe(
    "u-ada",
  );
  expect(latchkey.asked[0]?.url).toBe(inside);
  await outcome("ada", made({ issuer: `${ISSUER}/` }));
  expect(latchkey.asked[1]?.url).toBe(`${ISSUER}/oauth/introspect`);
  expect(() => createIntrospector({ clientId, clientSecret })).toThrow("issuer or introspectionUrl");
  expect(() => made({ clientSecret: "" })).toThrow("clientId and clientSecret");
  expect(inspect(introspector, { depth: 9 }) + JSON.stringify(introspector)).not.toContain("lks_");
});

it("asks once for an answer's life, and anew then", async () => {
  expect(await outcome("ada")).toBe("u-ada");
  latchkey.sessions.delete("ada");
  vi.advanceTimersByTime(1_999);
  expect(await outcome("ada")).toBe("u-ada");
  expect(latchkey.asked).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(await outcome("ada")).toBe("inactive");
  expect(latchkey.asked).toHaveLength(2);
});

it("asks each time where nothing is to be kept", async () => {
  introspector = made({ cacheSeconds: 0 });
  for (let call = 0; call < 3; call++) expect(await outcome("ada")).toBe("u-ada");
  expect(latchkey.asked).toHaveLength(3);
});

it("asks once for all that come at once", async () => {
  introspector = made({ cacheSeconds: 0 });
  let answer!: () => void;
  const held = new Promise<void>((resolve) => (answer = resolve));
  latchkey.instead.push(() => held.then(() => latchkey.say(token("ada"))));
  const asked = Promise.all(Array.from({ length: 50 }, () => outcome("ada")));
  await outcome("eve"); // by then all of them are waiting, or have asked
  answer();
  const all = await asked;
  expect(new Set(all)).toEqual(new Set(["u-ada"]));
  expect(latchkey.asked.map(({ about }) => about)).toEqual([token("ada"), token("eve")]);
});

it("keeps nothing beyond the token's own life", async () => {
  const exp = Math.floor(Date.now() / 1000) + 1;
  latchkey.sessions.set("old", { sub: "u", sid: "s", exp });
  expect(await outcome("old")).toBe("u");
  latchkey.sessions.delete("old");
  vi.setSystemTime(exp * 1000);
  expect(await outcome("old")).toBe("inactive");
  expect(latchkey.asked).toHaveLength(2);
});

it("an answer counts from when it was asked for, and the service's word before this clock's", async () => {
  latchkey.instead.push(async () => {
    await vi.advanceTimersByTimeAsync(1_500);
    return latchkey.say(token("ada"));
  });
  expect(await outcome("ada")).toBe("u-ada");
  vi.advanceTimersByTime(500);
  latchkey.sessions.delete("ada");
  expect(await outcome("ada")).toBe("inactive");

  latchkey.sessions.set("eve", { sub: "u-eve", sid: "s-eve", exp: Date.now() / 1000 - 60 }); // ours is fast
  for (let call = 0; call < 2; call++) expect(await outcome("eve")).toBe("u-eve");
  expect(latchkey.asked).toHaveLength(4);
});

it("remembers a refusal for a second, which many may come with", async () => {
  for (let call = 0; call < 10; call++) expect(await outcome("nobody")).toBe("inactive");
  expect(latchkey.asked).toHaveLength(1);
  latchkey.sessions.set("nobody", { sub: "u", sid: "s" });
  vi.advanceTimersByTime(1_000);
  expect(await outcome("nobody")).toBe("u");
});

it("doesn't ask about what is no token of ours", async () => {
  for (const shown of ["x", "a.b.c", `${token("ada")}${"A".repeat(2048)}`, "lkr_x"]) {
    await expect(introspector.introspect(shown)).rejects.toMatchObject({ flaw: "malformed" });
  }
  await expect(introspector.authenticate({ headers: {} })).rejects.toMatchObject({ flaw: "missing" });
  expect(latchkey.asked).toEqual([]);
});

it("keeps so many answers and no more", async () => {
  introspector = made({ most: 2 });
  for (const name of ["ada", "eve", "ada2", "ada2", "eve"]) await outcome(name);
  expect(latchkey.asked).toHaveLength(3);
  await outcome("ada");
  expect(latchkey.asked).toHaveLength(4);
  for (let number = 0; number < 5; number++) await outcome(`made-up-${number}`);
  await outcome("ada"); // what was made up has pushed nobody out
  expect(latchkey.asked).toHaveLength(9);
});

it("a question that was lost on the way is asked once more", async () => {
  latchkey.instead.push(() => Promise.reject(new TypeError("fetch failed")));
  expect(await outcome("ada")).toBe("u-ada");
  latchkey.instead.push(
    () => Promise.reject(new TypeError("fetch failed")),
    () => Promise.reject(new TypeError("fetch failed")),
  );
  expect(await outcome("eve")).toBe("IntrospectionUnavailable");
  expect(await outcome("eve")).toBe("u-eve");
});

it("not to know is neither yes nor no: 503, with what the service said in the error", async () => {
  const answers: [Response, string][] = [
    [Response.json({ error: "temporarily_unavailable" }, { status: 503 }), "503 temporarily_unavailable"],
    [new Response("<html>", { status: 502 }), "answered 502"],
    [new Response("<html>"), "answer is none"],
    [Response.json({ active: "yes" }), "answer is none"],
    [Response.json({ active: true }), "answer is none"],
    [Response.json({ active: true, sub: "u", sid: "s", exp: "tomorrow" }), "answer is none"],
  ];
  for (const [response, said] of answers) {
    latchkey.instead.push(() => response);
    const error: unknown = await introspector.introspect(token("ada")).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(IntrospectionUnavailable);
    expect(error).toBeInstanceOf(Unavailable);
    expect((error as Error).message).toContain(said);
    expect(refusal(error)).toMatchObject({ status: 503, headers: { "Retry-After": "5" } });
  }
  expect(await outcome("ada")).toBe("u-ada");
});

it("a client that isn't taken is no fault of the caller's, and isn't shown again and again", async () => {
  latchkey.instead.push(() => Response.json({ error: "invalid_client" }, { status: 401 }));
  const error = await introspector.introspect(token("ada")).catch((error: unknown) => error as Error);
  expect(error).toBeInstanceOf(IntrospectionUnavailable);
  expect((error as Error).message).toContain("401 invalid_client");
  expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain("lks_");
  expect(await outcome("eve")).toBe("IntrospectionUnavailable");
  expect(latchkey.asked).toHaveLength(1);
  vi.advanceTimersByTime(5_000);
  expect(await outcome("ada")).toBe("u-ada");
});

it("waits as long as it is told to, and says so", async () => {
  latchkey.instead.push(() =>
    Response.json({ error: "temporarily_unavailable" }, { status: 429, headers: { "Retry-After": "7" } }),
  );
  for (let call = 0; call < 3; call++) {
    const error = await introspector.introspect(token("ada")).catch((error: unknown) => error);
    expect(refusal(error).headers["Retry-After"]).toBe("7");
  }
  expect(latchkey.asked).toHaveLength(1);
  vi.advanceTimersByTime(7_000);
  expect(await outcome("ada")).toBe("u-ada");
});

it("where nothing comes in time, not everybody waits for as long", async () => {
  const late = () => Promise.reject(new DOMException("The operation timed out", "TimeoutError"));
  latchkey.instead.push(late);
  expect(await outcome("ada")).toBe("IntrospectionUnavailable");
  expect(await outcome("eve")).toBe("IntrospectionUnavailable");
  expect(latchkey.asked).toHaveLength(1);
  vi.advanceTimersByTime(1_000);
  expect(await outcome("eve")).toBe("u-eve");
});

it("says what to answer to a token that isn't good", async () => {
  const error = await introspector.authenticate(bearer("nobody")).catch((error: unknown) => error);
  const { status, headers, body } = refusal(error);
  expect([status, headers["WWW-Authenticate"]]).toEqual([401, 'Bearer error="invalid_token"']);
  expect(body).not.toContain("inactive");
});
