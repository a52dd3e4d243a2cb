// @vitest-environment node
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { LatchkeyClient, storageKeeper } from "../src/index";
import { createNativeClient, type TokenStorage } from "../src/native";
import { Running } from "./running";

let service: Running;
let baseUrl: string;

beforeAll(async () => {
  service = await Running.start({ ACCESS_TOKEN_EXPIRE_MINUTES: "0.05", REFRESH_GRACE_SECONDS: "2" });
  baseUrl = service.url;
}, 30_000);

afterAll(() => service.stop());

it("lives through a whole session with the real service", async () => {
  const stored = new Map<string, string>();
  const keeper = storageKeeper(
    {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => void stored.set(key, value),
      removeItem: (key) => void stored.delete(key),
    },
    "token",
  );
  const client = new LatchkeyClient({ baseUrl, keeper, stream: false });
  await client.register({ email: "ada@example.com", password: "correct horse battery", full_name: "Ada" });
  await client.login("ada@example.com", "correct horse battery");
  const first = stored.get("token");
  // The access token lives for three seconds: eight calls on a dead one.
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  const answers = await Promise.all(Array.from({ length: 8 }, () => client.call("GET", "/api/users/me")));
  expect(answers.map((user) => user.email)).toEqual(Array(8).fill("ada@example.com"));
  expect(stored.get("token")).not.toBe(first);
  await expect(client.login("ada@example.com", "wrong password")).rejects.toMatchObject({ code: "invalid_grant" });
  expect(await client.call("GET", "/api/sessions")).toHaveLength(1);
  await client.logout();
  expect(client.getState()).toEqual({ status: "signed_out", reason: "logged_out" });
  expect(stored.size).toBe(0);
  client.stop();
});

/** The storage of a telephone, which several may share; `keeps` says whether it comes to keeping anything. */
function storageOf(stored: Map<string, string>, keeps = true): TokenStorage {
  return {
    getItem: (key) => Promise.resolve(stored.get(key) ?? null),
    setItem: (key, value) => (keeps ? Promise.resolve(void stored.set(key, value)) : new Promise(() => undefined)),
    removeItem: (key) => Promise.resolve(void stored.delete(key)),
  };
}

it("opens again for an application that was killed before it could keep an answer, and for two on one storage", async () => {
  const stored = new Map<string, string>();
  const app = (storage: TokenStorage) => createNativeClient({ baseUrl, storage });
  const patience = { timeout: 15_000 };
  const status = (client: LatchkeyClient, is: string) =>
    vi.waitFor(() => expect(client.getState().status).toBe(is), patience);

  const first = app(storageOf(stored));
  await status(first, "signed_out");
  await first.register({ email: "grace@example.com", password: "correct horse battery" });
  await first.login("grace@example.com", "correct horse battery");
  first.stop();
  const before = [...stored];
  const keeping = vi.fn();
  const killed = app({
    ...storageOf(stored, false),
    setItem: (...what) => (keeping(what), storageOf(stored, false).setItem(...what)),
  });
  await vi.waitFor(() => expect(keeping).toHaveBeenCalled(), patience);
  killed.stop();
  expect([...stored]).toEqual(before);
  await new Promise((resolve) => setTimeout(resolve, 2_100)); // past the time in which duplicates are alike

  const [one, two] = [app(storageOf(stored)), app(storageOf(stored))];
  await status(one, "signed_in");
  await status(two, "signed_in");
  await Promise.all([one.getAccessToken({ fresh: true }), two.getAccessToken({ fresh: true })]);
  for (const client of [one, two, one]) {
    await client.getAccessToken({ fresh: true });
    expect(await client.call("GET", "/api/sessions")).toHaveLength(1);
  }
  await one.logout();
  await expect(two.call("GET", "/api/users/me")).rejects.toMatchObject({ status: 401 });
  expect(two.getState().status).toBe("signed_out");
  expect(stored.size).toBe(0);
  for (const client of [one, two]) client.stop();
}, 60_000);
