/** Storages that are full, forbidden, emptied under way: the session goes on in memory, and nobody takes it for a thief's. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LatchkeyClient, storageKeeper } from "../src/index";
import { withTabs } from "./browser";
import { Rotating } from "./rotating";

const baseUrl = "https://id.example.com";
let service: Rotating;
let open: LatchkeyClient[];

beforeEach(() => {
  service = new Rotating();
  open = [];
  withTabs();
});
afterEach(() => {
  for (const client of open) client.stop();
  vi.unstubAllGlobals();
});

/** A storage for one text, which fails in one way or another. */
class Drawer {
  text: string | null = null;
  fails: ("get" | "set" | "remove" | "silent")[] = [];
  readonly getItem = (): string | null => this.#unless("get", () => this.text);
  readonly removeItem = (): void => this.#unless("remove", () => void (this.text = null));
  readonly setItem = (_: string, text: string): void =>
    this.#unless("set", () => {
      if (!this.fails.includes("silent")) this.text = text;
    });

  #unless<T>(what: "get" | "set" | "remove", use: () => T): T {
    if (this.fails.includes(what)) throw new DOMException("no", "QuotaExceededError");
    return use();
  }
}

function tab(storage: Drawer | (() => Drawer)): LatchkeyClient {
  const client = new LatchkeyClient({
    baseUrl,
    fetch: service.fetch,
    stream: false,
    keeper: storageKeeper(storage, "token"),
  });
  open.push(client);
  client.start();
  return client;
}

async function known(client: LatchkeyClient, status: "signed_in" | "signed_out"): Promise<void> {
  await vi.waitFor(() => expect(client.getState().status).toBe(status), { timeout: 30_000 });
}

/** Every token runs out, again and again, and each tab makes calls. */
async function used(...tabs: LatchkeyClient[]): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    for (const client of tabs) {
      service.expire();
      expect(await client.call("GET", "/api/users/me")).toMatchObject({ email: "ada" });
    }
  }
}

const WAYS: Record<string, Drawer["fails"]> = {
  "is denied": ["get", "set", "remove"],
  "is full": ["set"],
  "is full and keeps what it has": ["set", "remove"],
  "can’t be read": ["get"],
  "keeps nothing, and says nothing": ["silent"],
  "can’t be read, nor emptied": ["get", "remove"],
};

describe.each(Object.entries(WAYS))("a storage that %s", (_, fails) => {
  it("loses no session that the service has opened", async () => {
    const drawer = new Drawer();
    drawer.fails = fails;
    const client = tab(drawer);
    await known(client, "signed_out");
    await client.login("ada", "correct horse battery");
    expect(client.getState()).toMatchObject({ status: "signed_in", fleeting: true });
    await used(client);
    expect([...service.sessions.keys()]).toHaveLength(1);
    await client.logout();
    expect(client.getState()).toMatchObject({ status: "signed_out", reason: "logged_out" });
    expect(service.sessions.size).toBe(0);
    expect(await client.getAccessToken()).toBeNull();
  });

  it("from some time on ends nothing, and is used again when it can be", async () => {
    const drawer = new Drawer();
    const client = tab(drawer);
    await known(client, "signed_out");
    await client.login("ada", "correct horse battery");
    expect(client.getState()).not.toHaveProperty("fleeting");
    drawer.fails = fails;
    await used(client);
    drawer.fails = [];
    await used(client);
    const again = tab(drawer);
    await known(again, "signed_in");
    await used(again, client);
    expect(service.sessions.size).toBe(1);
  });

  it("is no reason to copy a token that was spent, in any of two tabs", async () => {
    const drawer = new Drawer();
    const [one, two] = [tab(drawer), tab(drawer)];
    await Promise.all([known(one, "signed_out"), known(two, "signed_out")]);
    await one.login("ada", "correct horse battery");
    await known(two, "signed_in");
    drawer.fails = fails;
    for (let turn = 0; turn < 3; turn++) {
      await one.getAccessToken({ fresh: true });
      await two.getAccessToken({ fresh: true });
      await Promise.resolve();
    }
    expect(service.sessions.size).toBe(1);
    expect([one.getState().status, two.getState().status]).toEqual(["signed_in", "signed_in"]);
  });
});

it("a storage that is emptied under way ends nothing, and is filled again", async () => {
  const drawer = new Drawer();
  const client = tab(drawer);
  await known(client, "signed_out");
  await client.login("ada", "correct horse battery");
  for (let turn = 0; turn < 3; turn++) {
    drawer.text = null;
    await used(client);
    expect(drawer.text).toMatch(/^lkr/);
  }
  expect(service.sessions.size).toBe(1);
});

it("a storage that can’t even be named is none", async () => {
  const client = tab(() => {
    throw new DOMException("denied", "SecurityError");
  });
  await known(client, "signed_out");
  await client.login("ada", "correct horse battery");
  await used(client);
  expect(client.getState()).toMatchObject({ fleeting: true });
});

it("another tab’s log-out is one, also where its storage can’t be emptied", async () => {
  const drawer = new Drawer();
  const [one, two] = [tab(drawer), tab(drawer)];
  await Promise.all([known(one, "signed_out"), known(two, "signed_out")]);
  await one.login("ada", "correct horse battery");
  await known(two, "signed_in");
  await two.getAccessToken({ fresh: true });
  drawer.fails = ["remove"];
  service.away = true;
  expect(await one.logout()).toBe(false);
  await known(two, "signed_out");
  drawer.fails = [];
  drawer.text = null; // as it would be, but for that
  service.away = false;
  expect(await two.getAccessToken()).toBeNull();
  await known(two, "signed_out");
});
