import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { LatchkeyClient } from "@latchkey/client";
import { createMemoryRouter, Route, RouterProvider, Routes } from "react-router";
import { describe, expect, it } from "vitest";
import { SignIn, userOf } from "../src/index.js";
import { GuestRoute, RoutedLatchkey, SessionRoute } from "../src/react-router.js";
import { ADA, json, logIn, Service, stops } from "./service.js";

const LINKS = { signIn: "/login", signUp: "/register", forgotPassword: "/forgot", account: "/home" };

/** Open an application with routes at `address`, coming from where `state` says. */
function open(address: string, state: unknown = null, service = new Service()): LatchkeyClient {
  const client = new LatchkeyClient({ fetch: service.fetch, stream: false, name: `routes-${Math.random()}` });
  const application = (
    <RoutedLatchkey client={client} links={LINKS}>
      <Routes>
        <Route element={<GuestRoute />}>
          <Route path="/login" element={<SignIn />} />
          <Route path="/forgot" element={<SignIn message="Another page" />} />
        </Route>
        <Route element={<SessionRoute />}>
          <Route path="/home" element="at home" />
          <Route path="/devices" element="my devices" />
        </Route>
      </Routes>
    </RoutedLatchkey>
  );
  const initialEntries = [{ pathname: address, state }];
  render(<RouterProvider router={createMemoryRouter([{ path: "*", element: application }], { initialEntries })} />);
  stops.push(() => client.stop());
  return client;
}

it("leads to the log-in and back, also by way of another page", async () => {
  open("/devices");
  await userEvent.click(await screen.findByRole("link", { name: "Forgot your password?" }));
  await screen.findByText("Another page");
  await logIn();
  expect(await screen.findByText("my devices")).toBeTruthy();
});

describe("where somebody was going", () => {
  it.each([
    [{ from: "/devices", whose: ADA.id }, "my devices"],
    [{ from: "/devices", whose: "somebody else" }, "at home"],
    [{ from: "//evil.example/" }, "at home"],
    [{ from: "/\\evil.example/" }, "at home"],
    [{ from: "/\t/evil.example/" }, "at home"],
    [{ from: "https://evil.example/" }, "at home"],
    [null, "at home"],
  ])("%j: they see %s", async (state, page) => {
    open("/login", state);
    await logIn();
    expect(await screen.findByText(page)).toBeTruthy();
  });
});

it.each([
  [{ from: "/devices?page=2", whose: null }, { return_to: "/devices?page=2" }],
  // Who comes back from elsewhere may be somebody else.
  [{ from: "/devices", whose: ADA.id }, {}],
  [{ from: "//evil.example/", whose: null }, {}],
  [null, {}],
])("goes along with whoever logs in elsewhere: %j", async (state, said) => {
  const corp = { kind: "provider", id: "corp", name: "Corp", brand: "openid", registers: true };
  const service = new Service({ ways: [{ kind: "password" }, corp] });
  service.answer("POST /api/auth/providers/corp/start", () => json({ url: "#corp", flow: "secret" }));
  open("/login", state, service);
  await waitFor(() => expect(screen.getByRole("button", { name: /Corp/ }).getAttribute("aria-disabled")).toBeNull());
  await userEvent.click(screen.getByRole("button", { name: /Corp/ }));
  await waitFor(() =>
    expect(service.bodies("POST /api/auth/providers/corp/start")).toEqual([{ intent: "login", ...said }]),
  );
});

it("tells loaders who is signed in", async () => {
  const service = new Service();
  const client = (): LatchkeyClient => {
    const made = new LatchkeyClient({ fetch: service.fetch, stream: false, name: `loader-${Math.random()}` });
    stops.push(() => made.stop());
    return made;
  };
  expect(await userOf(client())).toBeNull();
  service.answer("POST /api/auth/refresh", () => json({ access_token: "token", expires_in: 900 }));
  expect((await userOf(client()))?.email).toBe(ADA.email);
});
