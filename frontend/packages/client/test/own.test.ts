/** The access token for an API of one's own. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LatchkeyClient, NetworkError } from "../src/index";
import { json, problem, Service } from "./service";

let service: Service;
let asked: Request[];
/** What the API answers, one after the other; then 200. */
let answers: (() => Response)[];
let client: LatchkeyClient;

const API = "https://api.example.com";

beforeEach(async () => {
  service = new Service();
  asked = [];
  answers = [];
  client = new LatchkeyClient({
    stream: false,
    origins: [`${API}/`],
    fetch: ((input: string | Request, init: RequestInit) => {
      if (typeof input === "string") return service.fetch(input, init);
      asked.push(new Request(input, init));
      return Promise.resolve((answers.shift() ?? (() => json({ notes: [] })))());
    }) as typeof fetch,
  });
  await client.login("ada@example.com", "correct horse battery");
});

afterEach(() => client.stop());

const bearer = () => asked.map((request) => request.headers.get("authorization"));

it("goes along to an origin that one has named, and no cookie with it", async () => {
  const answer = await client.fetch(`${API}/notes`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Own": "1" },
    body: '{"text":"milk"}',
  });
  expect(await answer.json()).toEqual({ notes: [] });
  const [request] = asked;
  expect(bearer()).toEqual([`Bearer ${await client.getAccessToken()}`]);
  expect(request?.headers.get("x-own")).toBe("1");
  expect(request?.credentials).toBe("same-origin");
  expect(await request?.text()).toBe('{"text":"milk"}');
});

it("goes nowhere else", async () => {
  for (const url of ["https://api.example.com.evil.test/notes", "http://api.example.com/notes", "https://evil.test"]) {
    await expect(client.fetch(url)).rejects.toThrow("is not in origins");
  }
  expect(asked).toEqual([]);
});

it("is renewed after a 401, and the call is made once more, with the same body", async () => {
  answers = [() => problem(401, {})];
  const request = new Request(`${API}/notes`, { method: "PUT", body: "milk" });
  expect((await client.fetch(request)).ok).toBe(true);
  expect(new Set(bearer()).size).toBe(2);
  expect(await Promise.all(asked.map((one) => one.text()))).toEqual(["milk", "milk"]);
  expect(service.count("/api/auth/refresh")).toBe(1);
});

it("is not renewed again and again for an API that always says 401", async () => {
  answers = [() => problem(401, {}), () => problem(401, {})];
  expect((await client.fetch(`${API}/notes`)).status).toBe(401);
  expect(asked).toHaveLength(2);
});

it("a network that fails is a NetworkError, which is fetch's TypeError too", async () => {
  answers = [
    () => {
      throw new TypeError("Failed to fetch");
    },
  ];
  const failed = await client.fetch(`${API}/notes`).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(NetworkError);
  expect(failed).toBeInstanceOf(TypeError);
});

it("is to be had for what isn't fetch: the one that is good, or a fresh one; none where nobody is signed in", async () => {
  const one = await client.getAccessToken();
  expect(await client.getAccessToken()).toBe(one);
  const fresh = await client.getAccessToken({ fresh: true });
  expect(fresh).not.toBe(one);
  expect(await client.getAccessToken()).toBe(fresh);
  await client.logout();
  await vi.waitFor(async () => expect(await client.getAccessToken()).toBeNull());
});
