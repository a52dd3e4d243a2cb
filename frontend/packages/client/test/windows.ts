/** Windows of a browser whose client binds its sessions: for tests, with a profile and a service of their own each. */
import { afterEach, beforeEach, vi } from "vitest";
import { LatchkeyClient, storageKeeper, type Options } from "../src/index";
import { auto } from "../src/proof";
import { openTabs } from "../src/tabs";
import { withTabs } from "./browser";
import { BASE, Holders } from "./holders";
import { Profile } from "./profile";

export const ADA = "ada@example.com";
export const PASSWORD = "correct horse battery";

export let service: Holders;
export let profile: Profile;
/** What `localStorage` has. */
export let stored: Map<string, string>;
export let told: string[];
let open: LatchkeyClient[];

beforeEach(() => {
  service = new Holders();
  stored = new Map();
  told = [];
  open = [];
  inProfile(new Profile());
  withTabs();
  vi.spyOn(console, "warn").mockImplementation((what: string) => void told.push(what));
});

afterEach(() => {
  for (const client of open) client.stop();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** From now on this is the browser's. */
export function inProfile(one: Profile): void {
  profile = one;
  vi.stubGlobal("indexedDB", one.indexedDB);
}

export const storageOf = (stored: Map<string, string>) => ({
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => void stored.set(key, value),
  removeItem: (key: string) => void stored.delete(key),
});

export const host = { watch: () => undefined, open: openTabs };

/** A page that is opened, with the storage that there is. */
export function page(options: Partial<Options> = {}): LatchkeyClient {
  const keeper = storageKeeper(storageOf(stored), "token");
  const client = new LatchkeyClient({
    baseUrl: BASE,
    keeper,
    fetch: service.fetch,
    stream: false,
    host,
    proof: auto(),
    ...options,
  });
  client.start();
  open.push(client);
  return client;
}

export async function signedIn(options: Partial<Options> = {}): Promise<LatchkeyClient> {
  const client = page(options);
  await is(client, "signed_out");
  await client.login(ADA, PASSWORD);
  return client;
}

export const is = (client: LatchkeyClient, status: string) =>
  vi.waitFor(
    () => {
      if (client.getState().status !== status) throw new Error(JSON.stringify(client.getState()));
    },
    { timeout: 8_000, interval: 5 },
  );

export const me = (client: LatchkeyClient) => client.call("GET", "/api/users/me");
export const refreshed = (client: LatchkeyClient) => client.getAccessToken({ fresh: true });

/** The one session that there is, as the service has it. */
export function session() {
  const all = [...service.sessions.values()];
  if (all.length !== 1 || !all[0]) throw new Error(`${all.length} sessions`);
  return all[0];
}

/** What the profile keeps. */
export const kept = () => [...profile.kept.values()] as { now?: { jkt: string; signer: CryptoKey }; next?: object }[];
