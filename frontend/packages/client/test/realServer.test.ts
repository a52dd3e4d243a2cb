// @vitest-environment node
/** Another service beside the real one: it asks, and hears of what ends. */
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import {
  createIntrospector,
  followRevocations,
  InvalidToken,
  type ClientOptions,
  type Follower,
  type FollowerOptions,
} from "../src/server";
import { Running } from "./running";

/** A machine that has others to serve takes its time; what is promised is measured elsewhere. */
const PATIENCE = { timeout: 20_000, interval: 10 };
/** One that is held up for a second hears nothing meanwhile, and asks, as it should. */
const AGAIN = { retry: 2, timeout: 60_000 };

let service: Running;
let client: ClientOptions;
/** Questions, by their addresses' ends. */
let asked: string[] = [];
let people = 0;

beforeAll(async () => {
  service = await Running.start();
  const made = JSON.parse(service.command("clients", "add", "Billing", "--resource-server", "--json")) as {
    client_id: string;
    client_secret: string;
  };
  client = {
    issuer: service.url,
    clientId: made.client_id,
    clientSecret: made.client_secret,
    fetch: ((url: string, init: RequestInit) => {
      asked.push(url.slice(service.url.length));
      return fetch(url, init);
    }) as typeof fetch,
  };
}, 60_000);

afterAll(() => service.stop());

let follower: Follower | undefined;

afterEach(() => {
  follower?.stop();
  follower = undefined;
});

/** Follow, and wait until endings are heard. */
async function followed(options: FollowerOptions): Promise<Follower> {
  const made = (follower = followRevocations(options));
  await vi.waitFor(() => expect(made.hearing).toBe(true), PATIENCE);
  return made;
}

interface Person {
  email: string;
  access_token: string;
  refresh_token: string;
}

async function post(path: string, fields: Record<string, string>, token?: string): Promise<Response> {
  const headers: HeadersInit = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch(service.url + path, { method: "POST", headers, body: new URLSearchParams(fields) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

async function somebody(): Promise<Person> {
  const person = { email: `ada.${++people}@example.com`, password: "correct horse battery" };
  const body = JSON.stringify(person);
  const headers = { "Content-Type": "application/json" };
  await fetch(`${service.url}/api/auth/register`, { method: "POST", headers, body });
  return again(person.email);
}

async function again(email: string): Promise<Person> {
  const fields = { grant_type: "password", username: email, password: "correct horse battery" };
  return { email, ...((await (await post("/oauth/token", fields)).json()) as Omit<Person, "email">) };
}

const questions = () => asked.filter((path) => path === "/oauth/introspect").length;

const outcome = (by: ReturnType<typeof createIntrospector>, token: string) =>
  by.introspect(token).then(
    () => "active",
    (error: unknown) => (error instanceof InvalidToken ? error.flaw : (error as Error).name),
  );

it("asks whether a token is good, with a client's secret", async () => {
  const introspector = createIntrospector({ ...client, cacheSeconds: 0 });
  const ada = await somebody();
  const request = { headers: { authorization: `Bearer ${ada.access_token}` } };
  const found = await introspector.authenticate(request);
  expect(found).toMatchObject({ username: ada.email, scope: "" });
  await post("/api/auth/logout", {}, ada.access_token);
  expect(await outcome(introspector, ada.access_token)).toBe("inactive");
  expect(await outcome(introspector, `${found.sub}.e30.${"A".repeat(86)}`)).toBe("inactive");
  const stranger = createIntrospector({ ...client, clientSecret: "lks_wrong" });
  await expect(stranger.introspect(ada.access_token)).rejects.toThrow("401 invalid_client");
});

it("asks once while it hears, and refuses what has ended without a question", AGAIN, async () => {
  const [ada, eve] = [await somebody(), await somebody()];
  const second = await again(ada.email);
  const follower = await followed(client);
  asked = [];
  for (let call = 0; call < 5; call++) {
    for (const { access_token } of [ada, second, eve]) expect(await outcome(follower, access_token)).toBe("active");
  }
  expect(questions()).toBe(3);

  await post("/oauth/revoke", { token: ada.refresh_token });
  await vi.waitFor(async () => expect(await outcome(follower, ada.access_token)).toBe("inactive"), PATIENCE);
  for (const { access_token } of [second, eve]) expect(await outcome(follower, access_token)).toBe("active");
  expect(questions()).toBe(3);

  await post("/api/auth/logout-all", {}, second.access_token);
  await vi.waitFor(async () => expect(await outcome(follower, second.access_token)).toBe("inactive"), PATIENCE);
  expect(await outcome(follower, eve.access_token)).toBe("active");
});

it("asks each time while the service is gone from the stream, and hears again when it is back", AGAIN, async () => {
  const troubles: unknown[] = [];
  const ada = await somebody();
  const follower = await followed({ ...client, onTrouble: (error) => troubles.push(error) });
  expect(await outcome(follower, ada.access_token)).toBe("active");
  await service.end();
  await vi.waitFor(() => expect(follower.hearing).toBe(false), PATIENCE);
  expect(await outcome(follower, ada.access_token)).toBe("IntrospectionUnavailable");
  expect(troubles).not.toEqual([]);
  await service.begin();
  await vi.waitFor(() => expect(follower.hearing).toBe(true), PATIENCE);
  expect(await outcome(follower, ada.access_token)).toBe("active");
  asked = [];
  expect(await outcome(follower, ada.access_token)).toBe("active");
  expect(questions()).toBe(0);
});

it("a client that is one no more hears nothing, and is told why", { timeout: 60_000 }, async () => {
  const made = JSON.parse(service.command("clients", "add", "Gone", "--resource-server", "--json")) as {
    client_id: string;
    client_secret: string;
  };
  const troubles: string[] = [];
  const onTrouble = (error: unknown) => troubles.push((error as Error).message);
  const own = { ...client, clientId: made.client_id, clientSecret: made.client_secret };
  const follower = await followed({ ...own, onTrouble });
  service.command("clients", "remove", "Gone", "--yes");
  await vi.waitFor(() => expect(troubles.at(-1)).toBe("The service answered 401 invalid_client"), PATIENCE);
  expect(follower.hearing).toBe(false);
});
