/** A service that has no place for one more stream: the client asks now and then, and nobody notices a difference. */
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from "vitest";
import { LatchkeyClient } from "../src/index";
import { withoutTabs, withTabs } from "./browser";
import { problem, Service } from "./service";

const STREAM = "/api/sessions/stream";

let service: Service;
let open: LatchkeyClient[];
let said: MockInstance[];

beforeEach(() => {
  vi.useFakeTimers();
  service = new Service();
  service.signedIn = true;
  open = [];
  said = (["error", "warn", "log"] as const).map((name) => vi.spyOn(console, name));
  withTabs();
});

afterEach(() => {
  for (const client of open) client.stop();
  expect(said.flatMap((spy) => spy.mock.calls)).toEqual([]);
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function signedIn(): Promise<LatchkeyClient> {
  const client = new LatchkeyClient({ fetch: service.fetch });
  open.push(client);
  client.start();
  await vi.advanceTimersByTimeAsync(100);
  expect(client.getState().status).toBe("signed_in");
  return client;
}

const full = () => new Response(null, { status: 204, headers: { "Retry-After": "20" } });

describe("a stream that is refused", () => {
  it("is asked for two or three times a minute, no more, and ends nothing", async () => {
    service.refusal = full;
    const client = await signedIn();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(service.count(STREAM)).toBeGreaterThanOrEqual(20);
    expect(service.count(STREAM)).toBeLessThanOrEqual(31);
    expect(client.getState().status).toBe("signed_in");
  });

  it("says of its own accord that it can be refused quietly", async () => {
    await signedIn();
    expect(service.calls.find(({ path }) => path === STREAM)?.query).toBe("?quiet=true");
  });

  it("still hears of the end, with its reason, within half a minute, in every tab", async () => {
    service.refusal = full;
    const tabs = [await signedIn(), await signedIn()];
    await vi.advanceTimersByTimeAsync(45_000);
    service.end("reused");
    await vi.advanceTimersByTimeAsync(31_000);
    for (const tab of tabs) expect(tab.getState()).toEqual({ status: "signed_out", reason: "reused" });
    const asked = service.calls.length;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(service.calls.length).toBe(asked);
  });

  it("is opened when there is a place again, and then hears of the end at once", async () => {
    service.refusal = full;
    const client = await signedIn();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(service.stream).toBeNull();
    service.refusal = null;
    await vi.advanceTimersByTimeAsync(31_000);
    expect(service.stream).not.toBeNull();
    service.end("revoked");
    await vi.advanceTimersByTimeAsync(100);
    expect(client.getState()).toEqual({ status: "signed_out", reason: "revoked" });
  });

  it("is asked for once for all tabs", async () => {
    service.refusal = full;
    for (let tabs = 0; tabs < 5; tabs++) await signedIn();
    service.calls.length = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(service.count(STREAM)).toBeLessThanOrEqual(3);
  });

  it("is no storm without the browser's locks either", async () => {
    withoutTabs();
    vi.stubGlobal("navigator", {});
    service.refusal = full;
    await signedIn();
    service.calls.length = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(service.count(STREAM)).toBeLessThanOrEqual(3);
  });

  it.each([
    ["0", 4],
    ["soon", 4],
    ["-5", 4],
    ["0.001", 4],
    ["86400", 2],
    [null, 4],
  ])("is asked for again in good time, whatever Retry-After says (%s)", async (after, most) => {
    service.refusal = () =>
      new Response(null, { status: 204, headers: after === null ? {} : { "Retry-After": after } });
    await signedIn();
    service.calls.length = 0;
    await vi.advanceTimersByTimeAsync(90_000);
    expect(service.count(STREAM)).toBeGreaterThanOrEqual(1);
    expect(service.count(STREAM)).toBeLessThanOrEqual(most);
  });

  it.each([503, 429])("with %i, as older services and proxies do, is no storm either", async (status) => {
    service.refusal = () => problem(status, { code: "unavailable" }, { "Retry-After": "10" });
    const client = await signedIn();
    service.calls.length = 0;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(service.count(STREAM)).toBeLessThanOrEqual(12);
    service.end("revoked");
    await vi.advanceTimersByTimeAsync(31_000);
    expect(client.getState()).toEqual({ status: "signed_out", reason: "revoked" });
  });
});
