/** The parts in a test of an application's, with the client for tests and no service. */
import { createTestClient, problem } from "@latchkey/client/testing";
import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { Latchkey, RequireSession, Security, useUser } from "../src/index";

function Home() {
  return <p>Hello, {useUser()?.email}</p>;
}

it("logs in, is refused as the table says, and logs out", async () => {
  const client = createTestClient({
    user: null,
    answers: { "POST /api/auth/login": problem(400, "invalid_grant") },
  });
  render(
    <Latchkey client={client}>
      <RequireSession>
        <Home />
      </RequireSession>
    </Latchkey>,
  );
  const person = userEvent.setup();
  await person.type(await screen.findByLabelText("E-mail"), "grace@example.com");
  await person.type(screen.getByLabelText("Password"), "correct horse battery{Enter}");
  expect(await screen.findByText(/incorrect|wrong|right/i)).toBeDefined();
  client.answer({ "POST /api/auth/login": undefined });
  await person.type(screen.getByLabelText("Password"), "correct horse battery{Enter}");
  expect(await screen.findByText("Hello, grace@example.com")).toBeDefined();
  expect(client.askedFor("POST /api/auth/login")).toHaveLength(2);
  act(() => client.signOut("logged_out"));
  expect(await screen.findByLabelText("E-mail")).toBeDefined();
});

it("needs no answer for accounts at other providers: there are none", async () => {
  const codes = { left: 0, created_at: null };
  const client = createTestClient({
    answers: { "GET /api/users/me/factors": { totp: null, passkeys: [], recovery_codes: codes, required: false } },
  });
  render(
    <Latchkey client={client}>
      <RequireSession>
        <Security />
      </RequireSession>
    </Latchkey>,
  );
  expect(await screen.findByRole("region", { name: "Passkeys" })).toBeDefined();
  await waitFor(() => expect(client.askedFor("GET /api/users/me/identities")).toHaveLength(1));
  expect(screen.queryByRole("region", { name: "Linked accounts" })).toBeNull();
});
