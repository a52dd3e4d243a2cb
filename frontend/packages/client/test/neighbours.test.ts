/** Several clients in one browser, and whatever else speaks there: each believes what its own tabs say, and nobody else. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LatchkeyClient, type Options } from "../src/index";
import { withTabs } from "./browser";
import { Rotating } from "./rotating";
import { json } from "./service";

let open: LatchkeyClient[];

beforeEach(() => {
  open = [];
  localStorage.clear();
  withTabs();
});
afterEach(() => {
  for (const client of open) client.stop();
  vi.unstubAllGlobals();
});

/** One session in the cookie of `service`, as a browser keeps it. */
function tab(service: Rotating, baseUrl: string, options: Options = {}): LatchkeyClient {
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const { pathname } = new URL(input as string, "https://service.example");
    if (pathname.endsWith("/api/auth/cookie")) return json({ kept: true });
    const path = pathname.replace(/^.*\/api\//, "https://service.example/api/");
    const body = path.endsWith("/refresh") ? JSON.stringify({ refresh_token: cookies.get(service) }) : init.body;
    const answer = await service.fetch(path, { ...init, body: body ?? null });
    const { refresh_token } = (await answer
      .clone()
      .json()
      .catch(() => ({}))) as { refresh_token?: string };
    if (refresh_token) cookies.set(service, refresh_token);
    return answer;
  };
  const client = new LatchkeyClient({ baseUrl, fetch, stream: false, ...options });
  open.push(client);
  client.start();
  return client;
}
const cookies = new Map<Rotating, string>();

async function known(client: LatchkeyClient, status: "signed_in" | "signed_out"): Promise<void> {
  await vi.waitFor(() => expect(client.getState().status).toBe(status), { timeout: 30_000 });
}

const OTHERS = [
  ["https://a.example", "https://b.example"],
  ["https://id.example", "https://id.example:8443"],
  ["https://id.example/one", "https://id.example/two"],
  ["", "https://id.example"],
  ["http://id.example", "https://id.example"],
] as const;

it.each(OTHERS)("the services at “%s” and “%s” have nothing to do with one another", async (a, b) => {
  const [one, two] = [new Rotating(), new Rotating()];
  const [ofA, ofB, another] = [tab(one, a), tab(two, b), tab(one, `${a}/`.replace(/^\/$/, ""))];
  await Promise.all([ofA, ofB, another].map((client) => known(client, "signed_out")));
  await ofA.login("ada", "correct horse battery");
  await known(another, "signed_in"); // of the same service
  expect(ofB.getState().status).toBe("signed_out");
  await ofB.login("grace", "correct horse battery");
  expect([ofA, another, ofB].map((client) => client.getState())).toMatchObject([
    { user: { id: "ada" } },
    { user: { id: "ada" } },
    { user: { id: "grace" } },
  ]);
  await ofA.logout();
  await known(another, "signed_out");
  expect(ofB.getState()).toMatchObject({ status: "signed_in", user: { id: "grace" } });
  const tokens = two.calls.map(({ headers }) => headers.get("authorization") ?? "");
  expect(tokens.some((text) => atob(text.split(".")[1] ?? "").includes("ada"))).toBe(false);
});

it("a log-out that is still to be told is told to its own service", async () => {
  const [one, two] = [new Rotating(), new Rotating()];
  const [ofA, ofB] = [tab(one, "https://a.example"), tab(two, "https://b.example")];
  await Promise.all([known(ofA, "signed_out"), known(ofB, "signed_out")]);
  await ofA.login("ada", "correct horse battery");
  await ofB.login("grace", "correct horse battery");
  one.away = true;
  expect(await ofA.logout()).toBe(false);
  const again = tab(two, "https://b.example");
  await known(again, "signed_in");
  expect(two.count("/api/auth/logout")).toBe(0);
});

const jwt = (claims: object) => `x.${btoa(JSON.stringify(claims))}.x`;
const HOSTILE: unknown[] = [
  null,
  undefined,
  "token",
  7,
  [],
  {},
  { type: "token" },
  { type: "token", token: null, expiresAt: Date.now() + 9e5 },
  { type: "token", token: jwt({ sub: "eve" }), expiresAt: "tomorrow" },
  { type: "token", token: jwt({ sub: "eve" }), expiresAt: Infinity },
  { type: "token", token: jwt({ sub: "eve" }) },
  { type: "token", token: "no token at all", expiresAt: Date.now() + 9e5 },
  { type: "token", token: jwt({ sub: 7, sid: {} }), expiresAt: Date.now() + 9e5 },
  { type: "ended" },
  { type: "ended", reason: 7, session: null },
  { type: "ended", reason: "revoked" },
  { type: "ended", reason: "revoked", session: "another" },
  { type: "begun", reason: "a later version" },
  { type: { toString: null } },
];

it("what isn’t ours is heard by nobody, and breaks nothing", async () => {
  const wrong = vi.fn();
  process.on("uncaughtException", wrong);
  const service = new Rotating();
  const client = tab(service, "");
  await known(client, "signed_out");
  const hostile = new BroadcastChannel("latchkey");
  for (const message of HOSTILE) hostile.postMessage(message);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(client.getState().status).toBe("signed_out");
  await client.login("ada", "correct horse battery");
  const before = client.getState();
  for (const message of HOSTILE) hostile.postMessage(message);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(client.getState()).toBe(before);
  expect(await client.call("GET", "/api/users/me")).toMatchObject({ id: "ada" });
  expect(wrong).not.toHaveBeenCalled();
  process.off("uncaughtException", wrong);
});

it("a page that the browser had put away looks who is there", async () => {
  const service = new Rotating();
  const client = tab(service, "");
  await known(client, "signed_out");
  await client.login("ada", "correct horse battery");
  service.sessions.clear(); // elsewhere, and no message came through
  window.dispatchEvent(new Event("pageshow"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(client.getState().status).toBe("signed_in");
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  await known(client, "signed_out");
});

it("a cookie that the browser doesn’t keep is noticed before it is missed; where that can’t be asked, nothing is said", async () => {
  const service = new Rotating();
  const answers: [unknown, true | undefined][] = [
    [{ kept: false }, true],
    [{ kept: true }, undefined],
    [null, undefined],
  ];
  for (const [answer, fleeting] of answers) {
    const fetch: typeof globalThis.fetch = (input, init) => {
      if (!(input as string).endsWith("/api/auth/cookie")) return service.fetch(input, init);
      return answer ? Promise.resolve(json(answer)) : Promise.reject(new TypeError("away"));
    };
    const client = tab(service, "https://id.example", { fetch, name: `asked ${fleeting} ${answer === null}` });
    await known(client, "signed_out");
    await client.login("ada", "correct horse battery");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((client.getState() as { fleeting?: boolean }).fleeting).toBe(fleeting);
    await client.reload();
    expect((client.getState() as { fleeting?: boolean }).fleeting).toBe(fleeting);
  }
});
