import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { act, render, screen } from "@testing-library/react";
import { LatchkeyClient } from "@latchkey/client";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Form, SignIn, Submit, TextField, useAction } from "../src/index.js";
import { AskToLeave, GuestRoute, requireUser, RoutedLatchkey, SessionRoute } from "../src/tanstack-router.js";
import { ADA, json, logIn, Service, stops } from "./service.js";

const LINKS = { signIn: "/login", signUp: "/register", forgotPassword: "/forgot", account: "/home" };

beforeEach(() => {
  window.scrollTo = vi.fn(); // which jsdom lacks
});

/** Open an application with routes at `address`, coming from where `state` says. */
function open(address: string, state: object = {}, service = new Service()) {
  const client = new LatchkeyClient({ fetch: service.fetch, stream: false, name: `tanstack-${Math.random()}` });
  const root = createRootRoute({
    component: () => (
      <RoutedLatchkey client={client} links={LINKS}>
        <Outlet />
        <AskToLeave />
      </RoutedLatchkey>
    ),
  });
  const guest = createRoute({ getParentRoute: () => root, id: "guest", component: GuestRoute });
  const inside = createRoute({ getParentRoute: () => root, id: "inside", component: SessionRoute });
  const login = createRoute({ getParentRoute: () => guest, path: "/login", component: () => <SignIn /> });
  const forgot = createRoute({
    getParentRoute: () => guest,
    path: "/forgot",
    component: () => <SignIn message="Another page" />,
  });
  const home = createRoute({ getParentRoute: () => inside, path: "/home", component: () => "at home" });
  const devices = createRoute({
    getParentRoute: () => inside,
    path: "/devices",
    validateSearch: ({ page }: { page?: number }) => ({ page }),
    component: function Devices() {
      const search: { page?: number } = devices.useSearch();
      return `my devices, page ${search.page ?? 1}`;
    },
  });
  const notes = createRoute({
    getParentRoute: () => inside,
    path: "/notes",
    beforeLoad: requireUser(client),
    loader: ({ context }) => `notes of ${context.user.email}`,
    component: function Notes() {
      const keep = useAction(() => Promise.resolve());
      return (
        <Form id="note" action={keep} asksToLeave onSubmit={() => undefined}>
          {notes.useLoaderData()}
          <TextField label="Note" name="note" />
          <Submit>Keep</Submit>
        </Form>
      );
    },
  });
  const routeTree = root.addChildren([guest.addChildren([login, forgot]), inside.addChildren([home, devices, notes])]);
  const history = createMemoryHistory();
  history.replace(address, state);
  const router = createRouter({ routeTree, history });
  render(<RouterProvider router={router} />);
  stops.push(() => client.stop());
  return { client, router };
}

it("leads to the log-in and back, also by way of another page", async () => {
  const { router } = open("/devices?page=2");
  await userEvent.click(await screen.findByRole("link", { name: "Forgot your password?" }));
  await screen.findByText("Another page");
  await logIn();
  expect(await screen.findByText("my devices, page 2")).toBeTruthy();
  expect(router.latestLocation.href).toBe("/devices?page=2");
});

describe("where somebody was going", () => {
  it.each([
    [{ from: "/devices", whose: ADA.id }, "my devices, page 1"],
    [{ from: "/devices", whose: "somebody else" }, "at home"],
    [{ from: "//evil.example/", whose: null }, "at home"],
    [{ from: "https://evil.example/", whose: null }, "at home"],
  ])("%j: they see %s", async (latchkey, page) => {
    open("/login", { latchkey });
    await logIn();
    expect(await screen.findByText(page)).toBeTruthy();
  });
});

it("loaders have the user, once somebody is there", async () => {
  open("/notes");
  await logIn();
  expect(await screen.findByText("notes of ada@example.com")).toBeTruthy();
});

it("who logs out is led out, and whoever comes next is led home", async () => {
  const service = new Service();
  service.answer("POST /api/auth/refresh", () => json({ access_token: "token", expires_in: 900 }));
  const { client, router } = open("/devices", {}, service);
  await screen.findByText("my devices, page 1");
  await act(() => client.logout());
  await logIn();
  expect(await screen.findByText("at home")).toBeTruthy();
  expect(router.latestLocation.href).toBe("/home");
});

it("asks who leaves what was typed", async () => {
  const service = new Service();
  service.answer("POST /api/auth/refresh", () => json({ access_token: "token", expires_in: 900 }));
  const { router } = open("/notes", {}, service);
  await userEvent.type(await screen.findByRole("textbox"), "Milk");
  act(() => void router.navigate({ href: "/home" }));
  await userEvent.click(await screen.findByRole("button", { name: "Stay" }));
  expect(router.latestLocation.href).toBe("/notes");
  act(() => void router.navigate({ href: "/home" }));
  await userEvent.click(await screen.findByRole("button", { name: "Leave" }));
  expect(await screen.findByText("at home")).toBeTruthy();
});
