/** Calls that need the password given again. */
import { expect, it, vi } from "vitest";
import { LatchkeyClient } from "../src/index";
import { problem, Service } from "./service";

/** A client, signed in, whose deletions need a fresh session. */
async function stale(onReauthenticationRequired: (client: LatchkeyClient) => Promise<boolean>) {
  const service = new Service();
  const fresh = { now: false };
  const client: LatchkeyClient = new LatchkeyClient({
    onReauthenticationRequired: () => onReauthenticationRequired(client),
    fetch: (async (url: string, init: RequestInit) => {
      const answer = await service.fetch(url, init);
      if (url.endsWith("/reauthenticate")) fresh.now = true;
      return init.method === "DELETE" && !fresh.now ? problem(403, { code: "reauthentication_required" }) : answer;
    }) as typeof fetch,
  });
  await client.login("ada@example.com", "correct horse battery");
  return { client, service };
}

it("are made once more after the password was given, which calls that run at once ask for once", async () => {
  const ask = vi.fn(async (client: LatchkeyClient) => {
    await client.reauthenticate("correct horse battery");
    return true;
  });
  const { client, service } = await stale(ask);
  await Promise.all([client.call("DELETE", "/api/sessions"), client.call("DELETE", "/api/users/me")]);
  expect(ask).toHaveBeenCalledTimes(1);
  expect(service.count("/api/sessions")).toBe(2);
});

it("fail as they would when the user thinks better of it", async () => {
  const { client, service } = await stale(() => Promise.resolve(false));
  await expect(client.call("DELETE", "/api/sessions")).rejects.toMatchObject({ code: "reauthentication_required" });
  expect(service.count("/api/sessions")).toBe(1);
});

it("say in which ways it may be shown, and fail with what whoever was asked says", async () => {
  const service = new Service();
  const called = new Error("called off");
  const ask = vi.fn(() => Promise.reject(called));
  const client = new LatchkeyClient({
    onReauthenticationRequired: ask,
    fetch: (async (url: string, init: RequestInit) =>
      init.method === "DELETE"
        ? problem(403, { code: "reauthentication_required", methods: ["password"] })
        : service.fetch(url, init)) as typeof fetch,
  });
  await client.login("ada@example.com", "correct horse battery");
  await expect(client.call("DELETE", "/api/sessions")).rejects.toBe(called);
  expect(ask).toHaveBeenCalledWith(expect.objectContaining({ methods: ["password"] }));
});

it("ask again where the service wants the password for each of them", async () => {
  const service = new Service();
  let proofs = 0;
  const ask = vi.fn(async (client: LatchkeyClient) => {
    await client.reauthenticate("correct horse battery");
    return true;
  });
  const client: LatchkeyClient = new LatchkeyClient({
    onReauthenticationRequired: () => ask(client),
    fetch: (async (url: string, init: RequestInit) => {
      const answer = await service.fetch(url, init);
      if (url.endsWith("/reauthenticate")) proofs++;
      if (init.method !== "DELETE" || proofs > 0) {
        proofs -= init.method === "DELETE" ? 1 : 0;
        return answer;
      }
      return problem(403, { code: "reauthentication_required" });
    }) as typeof fetch,
  });
  await client.login("ada@example.com", "correct horse battery");
  await Promise.all([client.call("DELETE", "/api/sessions"), client.call("DELETE", "/api/users/me")]);
  expect(ask).toHaveBeenCalledTimes(2);
  expect(proofs).toBe(0);
});

it("give up where asking doesn't help", async () => {
  const { client, service } = await stale(() => Promise.resolve(true));
  await expect(client.call("DELETE", "/api/sessions")).rejects.toMatchObject({ code: "reauthentication_required" });
  expect(service.count("/api/sessions")).toBeLessThan(10);
});
