import { act, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { ADA, api, LAPTOP, PHONE, problem, ROOT } from "./fakeApi";
import { expectAccessible, open } from "./render";

const EVENT = { id: "1", type: "login.failed", created_at: ADA.created_at, session_id: null, ip: "203.0.113.7" };

const GUEST = [
  "/",
  "/login",
  "/login/mail",
  "/login/link",
  "/login/callback/corp",
  "/login/callback/corp?error=access_denied&state=s",
  "/register",
  "/forgot-password",
  "/reset-password",
  "/reset-password#token=t",
  "/verify-email",
  "/verify-email#token=t",
  "/confirm-email#token=t",
  "/undo-email-change#token=t",
  "/recover-second-factor#token=t",
  "/keep-second-factor#token=t",
  "/404",
];

const SIGNED_IN = [
  "/dashboard",
  "/profile",
  "/security",
  "/devices",
  "/activity",
  "/your-data",
  "/admin/users",
  "/admin/users/new",
  `/admin/users/${ADA.id}`,
  "/admin/events",
  "/admin/statistics",
];

const GETS = [
  "GET /api/sessions",
  "GET /api/users/me/events",
  "GET /api/users/me/factors",
  "GET /api/users/me/trusted-devices",
  "GET /api/users",
  "GET /api/users/{user_id}",
  "GET /api/users/{user_id}/sessions",
  "GET /api/admin/events",
  "GET /api/admin/statistics",
];

function everythingAnswers(): void {
  api.answer("GET /api/sessions", [LAPTOP, PHONE]);
  api.answer("GET /api/users/me/events", [{ ...EVENT, user_agent: LAPTOP.user_agent, detail: {} }]);
  const at = "2026-11-23T09:10:07Z";
  const codes = { left: 9, created_at: at };
  const totp = { created_at: at, last_used_at: null };
  api.answer("GET /api/users/me/factors", { totp, passkeys: [], recovery_codes: codes, required: false });
  const trusted = {
    id: "1",
    since: at,
    until: at,
    network: "203.0.113.7",
    user_agent: LAPTOP.user_agent,
    device: LAPTOP.device,
    browser: LAPTOP.browser,
    system: LAPTOP.system,
    name: null,
  };
  api.answer("GET /api/users/me/trusted-devices", [trusted]);
  api.answer("GET /api/users", { items: [ADA, ROOT], next: "more", total: 3 });
  api.answer("GET /api/users/{user_id}", ADA);
  api.answer("GET /api/users/{user_id}/sessions", [PHONE]);
  const whose = { user_id: ADA.id, user_email: ADA.email, user_name: null, actor_id: ROOT.id, actor_email: ROOT.email };
  api.answer("GET /api/admin/events", [{ ...EVENT, user_agent: null, detail: {}, ...whose, actor_name: null }]);
  api.answer("GET /api/admin/statistics", { step: "hour", series: [] });
}

const settled = () => waitFor(() => expect(document.querySelector('[aria-busy="true"], .skeleton')).toBeNull());

it.each(GUEST)("%s has nothing that axe objects to, a heading and a title", async (address) => {
  open(address);
  await screen.findByRole("heading", { level: 1 });
  await settled();
  await expectAccessible();
  expect(document.title).toBe(`${screen.getByRole("heading", { level: 1 }).textContent} · Latchkey`);
});

describe.each(SIGNED_IN)("%s", (address) => {
  it("has nothing that axe objects to, a heading and a title", async () => {
    everythingAnswers();
    api.signedIn(ROOT);
    open(address);
    await screen.findByRole("heading", { level: 1 });
    await settled();
    await expectAccessible();
    expect(document.title).toBe(`${screen.getByRole("heading", { level: 1 }).textContent} · Latchkey`);
  });

  it("is still a page when nothing can be loaded", async () => {
    for (const get of GETS) {
      api.answer(get, () => {
        throw problem(500, "internal_error", { requestId: "0123" });
      });
    }
    api.signedIn(ROOT);
    open(address);
    await screen.findByRole("heading", { level: 1 });
    await settled();
    await expectAccessible();
  });

  it("sends whoever isn't signed in to log in", async () => {
    open(address);
    await screen.findByRole("heading", { name: "Log in" });
  });
});

it("moves the focus to the heading when the page changes", async () => {
  everythingAnswers();
  api.signedIn();
  const user = open("/dashboard");
  await user.click(screen.getByRole("link", { name: "Profile" }));
  expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Profile" }));
});

it("says who is signed in, and logs them out", async () => {
  api.signedIn();
  api.answer("POST /api/auth/logout", undefined);
  const user = open("/profile");
  await user.click(screen.getByRole("button", { name: "Ada Lovelace, account menu" }));
  await user.click(screen.getByRole("button", { name: "Log out" }));
  expect(await screen.findByText("You are logged out.")).toBeTruthy();
});

it("has a frame that speaks the reader’s language", async () => {
  everythingAnswers();
  localStorage.setItem("latchkey-language", "de");
  api.signedIn();
  open("/dashboard");
  expect(await screen.findByRole("heading", { name: "Hallo, Ada Lovelace" })).toBeTruthy();
  expect(screen.getByRole("link", { name: "Sicherheit" })).toBeTruthy();
  expect(await screen.findByText("Anmeldung fehlgeschlagen")).toBeTruthy();
  localStorage.clear();
});

it("opens the menu of a phone with a button, and closes it with Escape and by going somewhere", async () => {
  api.signedIn();
  const user = open("/profile");
  const menu = screen.getByRole("button", { name: "Menu" });
  await user.click(menu);
  expect(menu.getAttribute("aria-expanded")).toBe("true");
  await user.keyboard("{Escape}");
  expect(menu.getAttribute("aria-expanded")).toBe("false");
  await user.click(menu);
  await user.click(screen.getByRole("link", { name: "Security" }));
  expect(menu.getAttribute("aria-expanded")).toBe("false");
});

it("keeps the chosen colours", async () => {
  const user = open("/login");
  await user.click(screen.getByRole("button", { name: /Change to light/ }));
  await user.click(screen.getByRole("button", { name: /Change to dark/ }));
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(localStorage.getItem("latchkey-theme")).toBe("dark");
  await user.click(screen.getByRole("button", { name: /Change to system/ }));
  expect(document.documentElement.dataset.theme).toBeUndefined();
  act(() => localStorage.clear());
});

it("speaks the language that is chosen, and keeps it", async () => {
  const user = open("/login");
  await user.selectOptions(await screen.findByLabelText("Language"), "Deutsch");
  expect(await screen.findByRole("button", { name: "Anmelden" })).toBeTruthy();
  expect(document.documentElement.lang).toBe("de");
  expect(localStorage.getItem("latchkey-language")).toBe("de");
  await user.selectOptions(screen.getByLabelText("Sprache"), "English");
  expect(await screen.findByRole("button", { name: "Log in" })).toBeTruthy();
  act(() => localStorage.clear());
});
