/** What there is on a telephone, for tests: no page, a storage that takes its time, and a service. */
import { afterEach, beforeEach, expect, vi } from "vitest";
import { createNativeClient, type NativeOptions, type TokenStorage } from "../src/native";
import type { LatchkeyClient } from "../src/index";
import { Rotating } from "./rotating";

export const KEY = "latchkey.refresh_token";
export const ADA = "ada@example.com";
export const LOGOUT = "/api/auth/logout";

export let service: Rotating;
export let stored: Map<string, string>;
export let open: LatchkeyClient[];

beforeEach(() => {
  vi.useFakeTimers();
  // As it is on a telephone: these are there, and these aren't.
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("navigator", { product: "ReactNative" });
  vi.stubGlobal("BroadcastChannel", undefined);
  vi.stubGlobal("AbortController", WithoutReasons);
  vi.spyOn(URLSearchParams.prototype, "set").mockImplementation(() => {
    throw new Error("URLSearchParams.set is not implemented");
  });
  service = new Rotating();
  stored = new Map();
  open = [];
});

afterEach(async () => {
  for (const client of open) client.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(vi.getTimerCount()).toBe(0); // once it is stopped, nothing goes on
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** The one that React Native brings: what it is told as a reason is lost, and listeners can't be given a signal. */
class WithoutReasons {
  readonly signal = Object.assign(new EventTarget(), { aborted: false, reason: undefined });
  abort(): void {
    this.signal.aborted = true;
    this.signal.dispatchEvent(new Event("abort"));
  }
}

/** What `expo-secure-store` and the like do: everything takes a moment. */
export function storage(overrides: Partial<TokenStorage> = {}): TokenStorage {
  const moment = () => new Promise((resolve) => setTimeout(resolve, 5));
  return {
    getItem: async (key) => (await moment(), stored.get(key) ?? null),
    setItem: async (key, value) => (await moment(), void stored.set(key, value)),
    removeItem: async (key) => (await moment(), void stored.delete(key)),
    ...overrides,
  };
}

export function app(options: Partial<NativeOptions> = {}): LatchkeyClient {
  const client = createNativeClient({
    baseUrl: "https://id.example.com",
    storage: storage(),
    fetch: service.fetch,
    ...options,
  });
  open.push(client);
  return client;
}

export const passing = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

/** What comes of `promise` within `milliseconds`. */
export async function within<T>(promise: Promise<T>, milliseconds = 100): Promise<T | Error> {
  const outcome = promise.catch((error: unknown) => error as Error);
  await passing(milliseconds);
  return outcome;
}

export async function signedIn(options: Partial<NativeOptions> = {}): Promise<LatchkeyClient> {
  const client = app(options);
  await passing(50);
  await within(client.login(ADA, "correct horse battery"));
  expect(client.getState()).toMatchObject({ status: "signed_in", user: { email: ADA } });
  return client;
}

export const me = (client: LatchkeyClient) => client.call("GET", "/api/users/me");
