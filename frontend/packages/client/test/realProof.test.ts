// @vitest-environment node
/** The real service binds what the client has it bind, and takes no copy of it. */
import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { LatchkeyClient, ProblemError, storageKeeper } from "../src/index";
import { auto } from "../src/proof";
import { Profile } from "./profile";
import { Running } from "./running";
import { host, is, storageOf } from "./windows";

const PASSWORD = "correct horse battery";
let service: Running;
let stored: Map<string, string>;
let open: LatchkeyClient[];
let sent: { path: string; status: number; headers: Headers }[];

beforeAll(async () => {
  service = await Running.start({
    ACCESS_TOKEN_EXPIRE_MINUTES: "0.05",
    EMAIL_SIGN_IN: "both",
    SECOND_FACTOR: "optional",
  });
}, 30_000);

afterAll(() => service.stop());

beforeEach(() => {
  stored = new Map();
  open = [];
  sent = [];
  vi.stubGlobal("indexedDB", new Profile().indexedDB);
});

afterEach(() => {
  for (const client of open) client.stop();
  vi.unstubAllGlobals();
});

const watched = (async (input: string | Request, init: RequestInit) => {
  const response = await fetch(input, init);
  const { pathname: path } = new URL(typeof input === "string" ? input : input.url);
  sent.push({ path, status: response.status, headers: new Headers(init.headers) });
  return response;
}) as typeof fetch;

async function page(tokens = stored, name = "latchkey"): Promise<LatchkeyClient> {
  const keeper = storageKeeper(storageOf(tokens), "token");
  const client = new LatchkeyClient({ baseUrl: service.url, keeper, name, host, fetch: watched, proof: auto() });
  open.push(client);
  client.start();
  await vi.waitFor(() => expect(client.getState().status).not.toBe("loading"), { timeout: 10_000 });
  return client;
}

async function registered(name: string): Promise<string> {
  const email = `${name}@example.com`;
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ email, password: PASSWORD });
  expect((await fetch(`${service.url}/api/auth/register`, { method: "POST", headers, body })).ok).toBe(true);
  return email;
}

const bounds = async (client: LatchkeyClient) =>
  (await client.call("GET", "/api/sessions")).filter(({ current }) => current).map(({ bound }) => bound);

it("from log-in to log-out: calls, refreshes, the stream, and a reload", async () => {
  const client = await page();
  const email = await registered("ada");
  await client.login(email, PASSWORD);
  expect(await bounds(client)).toEqual(["dpop"]);
  const first = await client.getAccessToken();
  await client.getAccessToken({ fresh: true });
  // The access token lives for three seconds: eight calls on a dead one.
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  await Promise.all(Array.from({ length: 8 }, () => client.call("GET", "/api/users/me")));
  await client.reauthenticate(PASSWORD);
  const answer = await client.fetch(`${service.url}/api/users/me?of=mine`);
  expect(await answer.json()).toMatchObject({ email });
  const unauthorized = sent.filter(({ status }) => status === 401);
  expect(unauthorized).toEqual([]);
  // The nonce was asked for once.
  expect(sent.filter(({ status }) => status === 400)).toHaveLength(1);

  client.stop();
  const again = await page();
  expect(again.getState()).toMatchObject({ status: "signed_in", user: { email } });
  await vi.waitFor(() => expect(sent.filter(({ path }) => path.endsWith("/stream")).at(-1)?.status).toBe(200));

  // Neither of them is worth anything without the key.
  const [token] = stored.values();
  for (const scheme of ["Bearer", "DPoP"])
    expect(
      (await fetch(`${service.url}/api/users/me`, { headers: { Authorization: `${scheme} ${first}` } })).status,
    ).toBe(401);
  const asked = {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ refresh_token: token }),
  };
  const refused = await fetch(`${service.url}/api/auth/refresh`, asked);
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([400, "invalid_dpop_proof"]);
  expect(await bounds(again)).toEqual(["dpop"]);

  // Ended elsewhere, it hears of it by its stream.
  const other = await page(new Map(), "elsewhere");
  await other.login(email, PASSWORD);
  const [mine] = (await again.call("GET", "/api/sessions")).filter(({ current }) => current);
  await other.call("DELETE", "/api/sessions/{session_id}", { path: { session_id: mine?.id ?? "" } });
  await is(again, "signed_out");
  expect(again.getState()).toMatchObject({ reason: "ended_elsewhere" });
  expect(await other.logout()).toBe(true);
  expect(sent.at(-1)).toMatchObject({ path: "/api/auth/logout", status: 204 });
}, 60_000);

it("a copy in another profile is a log-in in place, and then a session of its own", async () => {
  const client = await page();
  const email = await registered("grace");
  await client.login(email, PASSWORD);
  vi.stubGlobal("indexedDB", new Profile().indexedDB);
  vi.stubGlobal("BroadcastChannel", undefined);
  const copied = new Map(stored);
  const thief = await page(copied);
  expect(thief.getState()).toEqual({ status: "signed_out", reason: "unproven" });
  await client.getAccessToken({ fresh: true });
  expect(await bounds(client)).toEqual(["dpop"]);
  await thief.login(email, PASSWORD);
  expect(await bounds(thief)).toEqual(["dpop"]);
  expect(await client.call("GET", "/api/sessions")).toHaveLength(2);
}, 60_000);

/** What somebody can log in with by mail: the challenge, and the letter's code. */
async function asked(client: LatchkeyClient, email: string): Promise<{ challenge: string; code: string }> {
  const all = async () => {
    const answer = await fetch(`${service.url}/api/dev/mail`, { headers: { Accept: "application/json" } });
    const letters = (await answer.json()) as { to: string; subject: string; text: string }[];
    return letters.filter(({ to, subject }) => to === email && subject.startsWith("Log in to"));
  };
  const before = (await all()).length;
  const { challenge } = await client.open("POST", "/api/auth/email/start", { body: { email } });
  return vi.waitFor(
    async () => {
      const found = await all(); // the newest comes first
      if (found.length === before) throw new Error("no letter yet");
      return { challenge, code: /\b\d{6}\b/.exec(found[0]?.text ?? "")?.[0] ?? "" };
    },
    { timeout: 15_000 },
  );
}

it("a log-in by mail, and one with a second step", async () => {
  const client = await page();
  const email = await registered("mae");
  await client.loginByMail(await asked(client, email));
  expect(await bounds(client)).toEqual(["dpop"]);
  const { enrolment, secret } = await client.call("POST", "/api/users/me/factors/totp");
  const made = { enrolment, code: codeOf(secret) };
  const { recovery_codes } = await client.call("POST", "/api/users/me/factors/totp/confirm", { body: made });
  await client.logout();

  const owed = await client.loginByMail(await asked(client, email)).catch((error: unknown) => error);
  if (!(owed instanceof ProblemError)) throw new Error("a second step should be owed");
  expect(owed.code).toBe("second_factor_required");
  const shown = { challenge: owed.more.challenge ?? "", recovery_code: recovery_codes?.[0] ?? "" };
  await client.loginBySecondFactor(shown);
  expect(await bounds(client)).toEqual(["dpop"]);
  await client.getAccessToken({ fresh: true });
  expect(await bounds(client)).toEqual(["dpop"]);
}, 60_000);

/** The code of an app with this key (RFC 6238), now. */
function codeOf(secret: string): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = Array.from(secret, (letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", key).update(counter).digest();
  const at = hash.readUInt8(hash.length - 1) & 15;
  return ((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).toString().padStart(6, "0");
}
