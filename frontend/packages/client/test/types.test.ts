/** What the document requires, the compiler requires; and what was forgotten all the same is never sent. */
import { expect, it } from "vitest";
import { LatchkeyClient } from "../src/index";
import { Service } from "./service";

async function signedIn(): Promise<{ client: LatchkeyClient; service: Service }> {
  const service = new Service();
  const client = new LatchkeyClient({ fetch: service.fetch, stream: false });
  await client.login("ada@example.com", "correct horse battery");
  service.calls.length = 0;
  return { client, service };
}

it("a parameter of the path can't be forgotten: it would name the whole collection", async () => {
  const { client, service } = await signedIn();
  // @ts-expect-error the session's id is required
  await expect(client.call("DELETE", "/api/sessions/{session_id}")).rejects.toThrow("needs its session_id");
  // @ts-expect-error and so it is within the input
  await expect(client.call("DELETE", "/api/sessions/{session_id}", {})).rejects.toThrow(RangeError);
  for (const session_id of ["", ".", ".."]) {
    const input = { path: { session_id } };
    await expect(client.call("DELETE", "/api/sessions/{session_id}", input)).rejects.toThrow(RangeError);
  }
  expect(service.calls).toEqual([]);
});

it("nor can a body, where there has to be one", async () => {
  const { client } = await signedIn();
  const forgotten = () => [
    // @ts-expect-error a name or another change
    client.call("PATCH", "/api/users/me"),
    // @ts-expect-error the address
    client.open("POST", "/api/auth/password/forgot", {}),
    // @ts-expect-error there is no such call
    client.call("DELETE", "/api/health", {}),
  ];
  expect(forgotten).toBeTypeOf("function");
});

it("what may be left out may be left out", async () => {
  const { client, service } = await signedIn();
  await client.call("GET", "/api/sessions");
  await client.call("GET", "/api/sessions", { signal: undefined });
  await client.page("/api/users/me/events");
  await client.page("/api/users/me/events", { query: { limit: 5, after: null } });
  expect(service.calls.map(({ query }) => query)).toEqual(["", "", "", "?limit=5"]);
});
