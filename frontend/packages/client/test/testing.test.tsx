/** A component's test, as an adopter writes it: no service, no network, no waiting for a sign-in. */
import { act, render, screen } from "@testing-library/react";
import type { ReactElement } from "react";
import { expect, it, vi } from "vitest";
import { NetworkError, ProblemError } from "../src/index";
import { LatchkeyProvider, useLatchkey, useSession, useSessions } from "../src/react";
import { ada, createTestClient, noNetwork, pending, problem, TestClient } from "../src/testing";

function Page(): ReactElement {
  const session = useSession();
  const client = useLatchkey();
  const { sessions } = useSessions();
  if (session.status !== "signed_in") return <p>{session.status}</p>;
  return (
    <>
      <p>Hello, {session.user.full_name}</p>
      <p>{sessions?.length ?? "no"} devices</p>
      <button onClick={() => void client.logout()}>Log out</button>
    </>
  );
}

const shown = (client: TestClient) =>
  render(
    <LatchkeyProvider client={client}>
      <Page />
    </LatchkeyProvider>,
  );

it("somebody is signed in from the first render on, and the state is what a test says", async () => {
  const client = createTestClient({ user: { full_name: "Grace Hopper" } });
  shown(client);
  expect(screen.getByText("Hello, Grace Hopper")).toBeDefined();
  expect(await screen.findByText("1 devices")).toBeDefined();
  act(() => client.become({ status: "loading" }));
  expect(screen.getByText("loading")).toBeDefined();
  act(() => client.signIn());
  expect(screen.getByText("Hello, Ada Lovelace")).toBeDefined();
  act(() => client.signOut("expired"));
  expect(screen.getByText("signed_out")).toBeDefined();
  expect(client.getState()).toEqual({ status: "signed_out", reason: "expired" });
});

it("calls are answered from the table, and noted", async () => {
  const client = createTestClient({
    answers: {
      "GET /api/sessions": [],
      "PATCH /api/users/me": ({ body }) => ({ ...ada, ...(body as object) }),
      "DELETE /api/sessions/{session_id}": undefined,
      "GET https://api.example.com/notes": () => Response.json(["milk"], { status: 203 }),
    },
  });
  expect(await client.call("GET", "/api/sessions")).toEqual([]);
  expect((await client.call("PATCH", "/api/users/me", { body: { full_name: "Ada King" } })).full_name).toBe("Ada King");
  await client.call("DELETE", "/api/sessions/{session_id}", { path: { session_id: "x" } });
  expect(client.askedFor("DELETE /api/sessions/{session_id}")).toMatchObject([{ path: { session_id: "x" } }]);
  const answer = await client.fetch("https://api.example.com/notes?page=2");
  expect([answer.status, await answer.json()]).toEqual([203, ["milk"]]);
  expect(client.asked.at(-1)).toMatchObject({ query: { page: "2" } });
  expect(await client.getAccessToken()).toBe("test-token");
  expect((await client.reload()).email).toBe("ada@example.com");
  await expect(client.call("GET", "/api/users")).rejects.toThrow('no answer to "GET /api/users"');
  // @ts-expect-error a user's name is a text
  createTestClient({ answers: { "GET /api/users/me": { ...ada, full_name: 7 } } });
  // @ts-expect-error there is no such call
  createTestClient({ answers: { "GET /api/nonsense": 1 } });
});

it("pages go on as the real ones do", async () => {
  const headers = { link: '</api/users?after=abc>; rel="next"', "x-total-count": "6" };
  const client = createTestClient({ answers: { "GET /api/users": () => Response.json([ada], { headers }) } });
  expect(await client.page("/api/users")).toEqual({ items: [ada], next: "abc", total: 6 });
});

it("what goes wrong goes wrong as in the real client", async () => {
  const client = createTestClient({
    user: null,
    answers: {
      "POST /api/auth/login": problem(400, "invalid_grant", { detail: "Incorrect email or password" }),
      "POST /api/auth/register": problem(422, "validation_error", { errors: [{ pointer: "/email", detail: "No." }] }),
      "GET /api/users/me": noNetwork,
      "GET /api/sessions": pending,
    },
  });
  const refused = await client.login("ada@example.com", "wrong").catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ProblemError);
  expect(refused).toMatchObject({ code: "invalid_grant", detail: "Incorrect email or password" });
  expect(client.getState()).toEqual({ status: "signed_out" });
  await expect(client.register({ email: "x", password: "x" })).rejects.toMatchObject({
    errors: [{ pointer: "/email" }],
  });
  await expect(client.call("GET", "/api/users/me")).rejects.toBeInstanceOf(NetworkError);
  client.answer({ "POST /api/auth/login": undefined });
  expect((await client.login("grace@example.com", "right")).email).toBe("grace@example.com");
  expect(client.getState()).toMatchObject({ status: "signed_in", user: { email: "grace@example.com" } });
});

it("logs in by mail, registers, and out", async () => {
  const client = createTestClient({ user: null });
  expect(await client.register({ email: "new@example.com", password: "x" })).toMatchObject({
    email: "new@example.com",
  });
  await client.loginByMail({ token: "x" });
  expect(client.getState().status).toBe("signed_in");
  expect(await client.logout()).toBe(true);
  expect(client.getState()).toEqual({ status: "signed_out", reason: "logged_out" });
  client.signIn();
  await client.logout({ everywhere: true });
  expect(client.getState()).toMatchObject({ reason: "logged_out_everywhere" });
});

it("asks for the password where the service would, once, and calls again", async () => {
  const ask = vi.fn(() => Promise.resolve(true));
  const client = createTestClient({
    onReauthenticationRequired: ask,
    answers: { "DELETE /api/users/me": problem(403, "reauthentication_required") },
  });
  ask.mockImplementation(() => {
    client.answer({ "DELETE /api/users/me": undefined });
    return Promise.resolve(true);
  });
  await client.call("DELETE", "/api/users/me");
  expect(ask).toHaveBeenCalledOnce();
});

it("no call of the real client's is left that would go to a service", async () => {
  const real = vi.fn(() => Promise.reject(new Error("asked")));
  vi.stubGlobal("fetch", real);
  const client = createTestClient();
  client.start();
  await Promise.allSettled([
    client.call("GET", "/api/users/me"),
    client.open("GET", "/api/auth/email"),
    client.page("/api/users"),
    client.fetch("https://api.example.com"),
    client.getAccessToken({ fresh: true }),
    client.reload(),
    client.reauthenticate("x"),
    client.register({ email: "x", password: "x" }),
    client.login("x", "x"),
    client.loginByMail({ token: "x" }),
    client.logout(),
    client.logout({ everywhere: true }),
  ]);
  client.stop();
  expect(real).not.toHaveBeenCalled();
  vi.unstubAllGlobals();
});
