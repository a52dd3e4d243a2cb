/** A network that fails, a service that doesn't answer, and a mistake of one's own are three things. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { isPassing, LatchkeyClient, NetworkError, type Keeper } from "../src/index";
import { withTabs } from "./browser";
import { json, Service } from "./service";
import { pair, Slow } from "./slow";

const open: LatchkeyClient[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  withTabs();
});

afterEach(() => {
  for (const client of open.splice(0)) client.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function clientOf(slow: Slow): LatchkeyClient {
  const client = new LatchkeyClient({ fetch: slow.fetch, stream: false });
  open.push(client);
  return client;
}

const failure = (call: Promise<unknown>) => call.catch((error: unknown) => error);

it.each(["login", "open"] as const)(
  "%s gives up after fifteen seconds, and says that it was too late",
  async (what) => {
    const slow = new Slow();
    const client = clientOf(slow);
    const body = { email: "ada@example.com" };
    const call =
      what === "login"
        ? client.login("ada@example.com", "correct horse battery")
        : client.open("POST", "/api/auth/password/forgot", { body });
    const failed = failure(call);
    await vi.advanceTimersByTimeAsync(14_900);
    expect(slow.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(await failed).toMatchObject({ name: "NetworkError", late: true });
    expect(isPassing(await failed)).toBe(true);
  },
);

it("an answer whose rest never comes is given up as well", async () => {
  const slow = new Slow();
  const client = clientOf(slow);
  const failed = failure(client.open("GET", "/api/health"));
  slow.asked.pop()?.answer(new Response(new ReadableStream({})));
  await vi.advanceTimersByTimeAsync(15_100);
  expect(await failed).toMatchObject({ name: "NetworkError", late: true });
});

it("a log-in that is never answered holds up no other tab for longer", async () => {
  const slow = new Slow();
  const [one, two] = [clientOf(slow), clientOf(slow)];
  for (const client of [one, two]) client.start();
  slow.asked.length = 0;
  void failure(one.login("ada@example.com", "correct horse battery"));
  void failure(two.login("ada@example.com", "correct horse battery"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(slow.asked.filter(({ path }) => path === "/api/auth/login")).toHaveLength(2);
});

it("what the caller gives up is given up, and is no failure of the network", async () => {
  const slow = new Slow();
  const client = clientOf(slow);
  void client.login("ada@example.com", "correct horse battery");
  await vi.advanceTimersByTimeAsync(1);
  slow.asked.pop()?.answer(json(pair("s1", 1)));
  await vi.advanceTimersByTimeAsync(1);
  const control = new AbortController();
  const failed = failure(client.call("GET", "/api/sessions", { signal: control.signal }));
  await vi.advanceTimersByTimeAsync(1);
  control.abort();
  expect(await failed).toMatchObject({ name: "AbortError" });
  const late = failure(client.call("GET", "/api/sessions", { signal: control.signal }));
  expect(await late).toMatchObject({ name: "AbortError" });
});

it("no network, and an answer of something in between, are failures of the network", async () => {
  const gone = new LatchkeyClient({ stream: false, fetch: () => Promise.reject(new TypeError("Failed to fetch")) });
  expect(await failure(gone.open("GET", "/api/health"))).toBeInstanceOf(NetworkError);
  const hotel = () => Promise.resolve(new Response("<h1>Welcome to our hotel</h1>"));
  const caught = new LatchkeyClient({ stream: false, fetch: hotel });
  expect(await failure(caught.open("GET", "/api/health"))).toMatchObject({ name: "NetworkError", late: false });
});

it("a mistake is no network: it is thrown as it is, and said aloud where nobody would catch it", async () => {
  const mistake = new TypeError("a mistake in a keeper");
  const keeper: Keeper = {
    headers: {},
    body: () => {
      throw mistake;
    },
    keep: () => undefined,
    forget: () => undefined,
  };
  const client = new LatchkeyClient({ fetch: new Service().fetch, stream: false, keeper });
  open.push(client);
  expect(await failure(client.call("GET", "/api/sessions"))).toBe(mistake);
  client.start();
  // Thrown by a timer: that is where a page's uncaught errors are heard.
  await expect(vi.advanceTimersByTimeAsync(10)).rejects.toBe(mistake);
  expect(client.getState()).toEqual({ status: "loading", problem: mistake });
});
