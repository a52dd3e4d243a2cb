import type { EndReason } from "@latchkey/client";
import { act, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { ADA, api, OPTIONS, problem } from "./fakeApi";
import { open } from "./render";

const fill = async (user: ReturnType<typeof open>, password = "correct horse battery"): Promise<void> => {
  await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
  await user.type(screen.getByLabelText("Password"), password);
};

describe("logging in", () => {
  it("leads to the page that was asked for", async () => {
    api.answer("POST /api/auth/login", ADA);
    api.answer("GET /api/sessions", []);
    const user = open("/devices");
    await fill(user);
    await user.click(screen.getByRole("button", { name: "Log in" }));
    expect(await screen.findByRole("heading", { name: "Devices" })).toHaveProperty("tagName", "H1");
    expect(api.inputs("POST /api/auth/login")).toEqual([
      { body: { email: "ada@example.com", password: "correct horse battery" } },
    ]);
  });

  it("says what is wrong at the field, and puts the focus there", async () => {
    api.answer("POST /api/auth/login", () => {
      throw problem(400, "invalid_grant");
    });
    const user = open("/login");
    await fill(user);
    await user.click(screen.getByRole("button", { name: "Log in" }));
    const field = screen.getByLabelText("Password");
    await waitFor(() => expect(field.getAttribute("aria-invalid")).toBe("true"));
    expect(document.getElementById(field.getAttribute("aria-describedby") ?? "")?.textContent).toContain(
      "Incorrect e-mail or password.",
    );
    expect(document.activeElement).toBe(field);
  });

  it("waits when it was tried too often, and counts down", async () => {
    api.answer("POST /api/auth/login", () => {
      throw problem(429, "rate_limited", { retryAfter: 50 });
    });
    const user = open("/login");
    await fill(user);
    const button = screen.getByRole("button", { name: "Log in" });
    await user.click(button);
    expect(await screen.findByText(/^Try again in \d+ s\.$/)).toBeTruthy();
    expect(button.getAttribute("aria-disabled")).toBe("true");
    await user.click(button);
    expect(api.inputs("POST /api/auth/login")).toHaveLength(1);
  });

  it("may be tried again when the time is over", async () => {
    api.answer("POST /api/auth/login", () => {
      throw problem(429, "rate_limited", { retryAfter: 1 });
    });
    const user = open("/login");
    await fill(user);
    await user.click(screen.getByRole("button", { name: "Log in" }));
    expect(await screen.findByText("You can try again now.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Log in" }));
    await waitFor(() => expect(api.inputs("POST /api/auth/login")).toHaveLength(2));
  });

  it("loses nothing while the service is away", async () => {
    api.answer("POST /api/auth/login", () => {
      throw problem(503, "unavailable");
    });
    const user = open("/login");
    await fill(user);
    await user.click(screen.getByRole("button", { name: "Log in" }));
    expect(await screen.findByText("Temporarily unavailable")).toBeTruthy();
    expect(screen.getByLabelText<HTMLInputElement>("E-mail").value).toBe("ada@example.com");
  });

  it("offers a new password first, and the confirmation once more where addresses are confirmed", async () => {
    api.answer("GET /api/auth/options", { ...OPTIONS, confirm_email: true });
    api.answer("POST /api/auth/login", () => {
      throw problem(400, "invalid_grant");
    });
    const user = open("/login");
    await fill(user);
    await user.click(screen.getByRole("button", { name: "Log in" }));
    const confirm = await screen.findByRole("link", { name: "Send the confirmation e-mail again" });
    const forgot = screen.getByRole("link", { name: "Set a new password" });
    expect(forgot.compareDocumentPosition(confirm)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
    await user.click(forgot);
    expect((await screen.findByLabelText<HTMLInputElement>("E-mail")).value).toBe("ada@example.com");
  });
});

describe("a session that ends", () => {
  const ENDINGS: Record<EndReason | "unproven" | "something new", RegExp> = {
    logged_out: /^You are logged out\.$/,
    logged_out_everywhere: /logged out on all devices/,
    ended_elsewhere: /logged out from another device/,
    others_ended: /All devices but one were logged out/,
    replaced: /Somebody logged in here/,
    displaced: /on too many devices/,
    reused: /a copy of it was used elsewhere/,
    expired: /away for long/,
    too_old: /logged in a long time ago/,
    password_changed: /password was changed/,
    password_reset: /set with a link from an e-mail/,
    password_set: /administrator has set a new password/,
    account_claimed: /belongs to whoever has its mailbox/,
    confirmed_by_another: /confirmed by somebody else/,
    email_change_undone: /change of the e-mail address was taken back/,
    ended_by_administrator: /administrator has logged you out/,
    role_changed: /no administrator any more/,
    user_disabled: /has been disabled/,
    user_deleted: /has been deleted/,
    revoked: /ended by the operators of this service/,
    unproven: /^This browser has no key for this session/,
    "something new": /^Your session was ended\. Please log in again\.$/,
  };

  it.each(Object.entries(ENDINGS))("because of %s leads to the log-in page, which says why", async (reason, words) => {
    api.signedIn();
    open("/profile");
    expect(await screen.findByRole("heading", { name: "Profile" })).toBeTruthy();
    act(() => api.become({ status: "signed_out", reason }));
    expect(await screen.findByText(words)).toBeTruthy();
  });

  it("by logging out sends the next reader to their own pages, not to where the last one was", async () => {
    api.signedIn();
    api.answer("POST /api/auth/logout", undefined);
    api.answer("POST /api/auth/login", ADA);
    api.answer("GET /api/sessions", []);
    api.answer("GET /api/users/me/events", []);
    const user = open("/your-data");
    await user.click(screen.getByRole("button", { name: /account menu/ }));
    await user.click(screen.getByRole("button", { name: "Log out" }));
    await fill(user);
    await user.click(screen.getByRole("button", { name: "Log in" }));
    expect(await screen.findByRole("heading", { name: "Hello, Ada Lovelace" })).toBeTruthy();
  });
});

it("says so while it can't find out who the reader is, and goes on by itself", async () => {
  api.become({ status: "loading", problem: problem(503, "unavailable") });
  open("/profile");
  expect(screen.getByText(/We keep trying/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Try now" })).toBeTruthy();
  act(() => api.signedIn());
  expect(await screen.findByRole("heading", { name: "Profile" })).toBeTruthy();
});

describe("registering", () => {
  it("logs in", async () => {
    api.answer("POST /api/auth/register", ADA);
    api.answer("POST /api/auth/login", ADA);
    api.answer("GET /api/sessions", []);
    api.answer("GET /api/users/me/events", []);
    const user = open("/register");
    await fill(user);
    await user.click(screen.getByRole("button", { name: "Create account" }));
    expect(await screen.findByRole("heading", { name: /Hello/ })).toBeTruthy();
  });

  it("asks to look for the letter where addresses are confirmed first", async () => {
    api.answer("POST /api/auth/register", undefined);
    const user = open("/register");
    await fill(user);
    await user.click(screen.getByRole("button", { name: "Create account" }));
    expect(await screen.findByRole("heading", { name: "Look for our e-mail" })).toBeTruthy();
    expect(api.inputs("POST /api/auth/login")).toEqual([]);
  });

  it("shows each fault at its field", async () => {
    api.answer("POST /api/auth/register", () => {
      throw problem(422, "validation_error", {
        errors: [{ pointer: "/password", detail: "This password is one that everybody tries." }],
      });
    });
    const user = open("/register");
    await fill(user, "too well known");
    await user.click(screen.getByRole("button", { name: "Create account" }));
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Password")));
    expect(screen.getByRole("alert").textContent).toBe("");
  });

  it("shows a fault of no field above the form", async () => {
    api.answer("POST /api/auth/register", () => {
      throw problem(422, "validation_error", { detail: "No.", errors: [{ pointer: "", detail: "No." }] });
    });
    const user = open("/register");
    await fill(user);
    await user.click(screen.getByRole("button", { name: "Create account" }));
    expect((await screen.findByText("No.")).closest("[role=alert]")).toBeTruthy();
  });
});
