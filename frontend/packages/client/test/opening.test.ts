/** A page that opens: it says so when it refreshes, and may hear whose session it is, or that there is none. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LatchkeyClient, type Options } from "../src/index";
import { withTabs } from "./browser";
import { json, problem, Service } from "./service";

const REFRESH = "/api/auth/refresh";
const ADA = { id: "ada", email: "ada@example.com" };

let service: Service;
let open: LatchkeyClient[];

beforeEach(() => {
  service = new Service();
  open = [];
  withTabs();
});

afterEach(() => {
  for (const client of open) client.stop();
  vi.unstubAllGlobals();
});

function tab(options: Options = {}): LatchkeyClient {
  const client = new LatchkeyClient({ fetch: service.fetch, stream: false, ...options });
  open.push(client);
  client.start();
  return client;
}

async function known(client: LatchkeyClient): Promise<unknown> {
  await vi.waitFor(() => expect(client.getState().status).not.toBe("loading"));
  return client.getState();
}

/** What a refresh of this version answers. */
async function answered(user: object): Promise<Response> {
  const answer = await service.fetch("/api/auth/login", { method: "POST" });
  service.calls = [];
  return json({ ...((await answer.json()) as object), user });
}

it("is nobody's where there is no cookie, without an error, and without a second question", async () => {
  service.next = [new Response(null, { status: 204 })];
  expect(await known(tab())).toEqual({ status: "signed_out" });
  expect(service.calls.map(({ path, query }) => path + query)).toEqual([`${REFRESH}?opening=true`]);
});

it("knows the user at once, where the service says who it is", async () => {
  service.next = [await answered(ADA)];
  expect(await known(tab())).toMatchObject({ status: "signed_in", user: ADA, switched: false });
  expect(service.calls.map(({ path }) => path)).toEqual([REFRESH]);
});

it("asks for the user, where a service of the version before doesn't say", async () => {
  service.signedIn = true;
  expect(await known(tab())).toMatchObject({ status: "signed_in", user: ADA });
  expect(service.calls.map(({ path }) => path)).toEqual([REFRESH, "/api/users/me"]);
  const other = new Service();
  expect(await known(tab({ fetch: other.fetch, name: "other" }))).toEqual({ status: "signed_out" });
});

it("doesn't ask any more once it has a token, and takes a cookie that is gone for an end", async () => {
  service.next = [await answered(ADA)];
  const client = tab();
  await known(client);
  await client.reload();
  service.expire();
  await client.reload();
  const asked = service.calls.filter(({ path }) => path === REFRESH);
  expect(asked.map(({ query }) => query)).toEqual(["?opening=true", ""]);
  service.expire();
  service.next = [problem(400, { code: "invalid_grant" })];
  await expect(client.reload()).rejects.toMatchObject({ status: 401 });
  expect(client.getState()).toEqual({ status: "signed_out", reason: "unknown" });
});

it("knows the user, too, where it was stopped and started while it asked who that is", async () => {
  service.signedIn = true;
  let asked = false;
  const client = tab({
    fetch: (async (url: string, init: RequestInit) => {
      if (!url.endsWith("/users/me")) return service.fetch(url, init);
      asked = true;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return service.fetch(url, init);
    }) as typeof fetch,
  });
  await vi.waitFor(() => expect(asked).toBe(true));
  client.stop();
  client.start();
  expect(await known(client)).toMatchObject({ status: "signed_in", user: ADA });
});
