import { LatchkeyClient } from "@latchkey/client";
import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { AppRouterContext, type AppRouterInstance } from "next/dist/shared/lib/app-router-context.shared-runtime.js";
import { PathnameContext } from "next/dist/shared/lib/hooks-client-context.shared-runtime.js";
import { useState, type ReactElement } from "react";
import { renderToString } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Profile, SignIn } from "../src/index.js";
import { AskToLeave, GuestRoute, RoutedLatchkey, SessionRoute } from "../src/next.js";
import { ADA, json, logIn, Service, stops } from "./service.js";

const LINKS = { signIn: "/login", signUp: "/register", forgotPassword: "/forgot", account: "/home" };

function Pages({ path }: { path: string }): ReactElement {
  if (path === "/login" || path === "/forgot")
    return (
      <GuestRoute>
        <SignIn message={`This is ${path}`} />
      </GuestRoute>
    );
  if (path === "/profile")
    return (
      <SessionRoute>
        <AskToLeave />
        <a href="/home">Home</a>
        <a href="/profile#name">Name</a>
        <a href="/home" target="_blank">
          Elsewhere
        </a>
        <Profile />
      </SessionRoute>
    );
  return <SessionRoute>{path === "/home" ? "at home" : "my devices"}</SessionRoute>;
}

/** An application; its pages are changed as the app router does it, whose hooks these contexts are. */
function Application({ client, at }: { client: LatchkeyClient; at: string }): ReactElement {
  const [path, setPath] = useState(at);
  const [router] = useState(() => {
    const go = (to: string): void => {
      window.history.replaceState(null, "", to);
      setPath(window.location.pathname);
    };
    return { push: go, replace: go } as unknown as AppRouterInstance;
  });
  return (
    <AppRouterContext value={router}>
      <PathnameContext value={path}>
        <RoutedLatchkey client={client} links={LINKS}>
          <Pages path={path} />
        </RoutedLatchkey>
      </PathnameContext>
    </AppRouterContext>
  );
}

function open(address: string, service = new Service()): LatchkeyClient {
  const client = new LatchkeyClient({ fetch: service.fetch, stream: false, name: `next-${Math.random()}` });
  window.history.replaceState(null, "", address);
  render(<Application client={client} at={window.location.pathname} />);
  stops.push(() => client.stop());
  return client;
}

const here = (): string => window.location.pathname + window.location.search;

it("leads to the log-in and back, also by way of another page", async () => {
  open("/devices?page=2");
  await screen.findByText("This is /login");
  expect(here()).toBe("/login?from=%2Fdevices%3Fpage%3D2");
  await userEvent.click(await screen.findByRole("link", { name: "Forgot your password?" }));
  await screen.findByText("This is /forgot");
  await logIn();
  expect(await screen.findByText("my devices")).toBeTruthy();
  expect(here()).toBe("/devices?page=2");
});

describe("where somebody was going", () => {
  it.each([
    [`from=/devices&whose=${ADA.id}`, "my devices"],
    ["from=/devices&whose=somebody-else", "at home"],
    ["from=//evil.example/", "at home"],
    ["from=/%5Cevil.example/", "at home"],
    ["from=/%09/evil.example/", "at home"],
    ["from=https://evil.example/", "at home"],
    ["", "at home"],
  ])("%s: they see %s", async (asked, page) => {
    open(`/login?${asked}`);
    await logIn();
    expect(await screen.findByText(page)).toBeTruthy();
  });
});

it("who logs out leaves nothing to whoever comes next", async () => {
  const service = new Service();
  service.answer("POST /api/auth/refresh", () => json({ access_token: "token", expires_in: 900 }));
  const client = open("/devices", service);
  await screen.findByText("my devices");
  await act(() => client.logout());
  await screen.findByText("This is /login");
  expect(here()).toBe("/login");
});

it("says nothing of anybody on a server", () => {
  const client = new LatchkeyClient({ fetch: new Service().fetch, stream: false, name: "next-server" });
  expect(renderToString(<Application client={client} at="/devices" />)).not.toContain("my devices");
});

it("asks whoever follows a link with something typed and not sent", async () => {
  const service = new Service();
  service.answer("POST /api/auth/refresh", () => json({ access_token: "token", expires_in: 900 }));
  open("/profile", service);
  const field = await screen.findByLabelText(/Full name/);
  // What the page itself does with a click that nobody holds up.
  const followed: string[] = [];
  const note = (event: MouseEvent): void => {
    event.preventDefault();
    followed.push((event.target as HTMLElement).textContent);
  };
  document.body.addEventListener("click", note);
  stops.push(() => document.body.removeEventListener("click", note));
  await userEvent.click(screen.getByRole("link", { name: "Home" }));
  await userEvent.type(field, " the Countess");
  for (const name of ["Name", "Elsewhere"]) await userEvent.click(screen.getByRole("link", { name }));
  expect(followed.filter(Boolean)).toEqual(["Home", "Name", "Elsewhere"]);
  await userEvent.click(screen.getByRole("link", { name: "Home" }));
  const dialog = await screen.findByRole("dialog", { name: "Leave without saving?" });
  await userEvent.click(within(dialog).getByRole("button", { name: "Stay" }));
  expect(here()).toBe("/profile");
  await userEvent.click(screen.getByRole("link", { name: "Home" }));
  await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Leave" }));
  expect(await screen.findByText("at home")).toBeTruthy();
  expect(followed.filter((one) => one === "Home")).toHaveLength(1);
});
