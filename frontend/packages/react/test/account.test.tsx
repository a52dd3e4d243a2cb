import { screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { Account, Activity, LatestActivity, Password, Profile, Security, YourData } from "../src/index.js";
import { de } from "../src/messages/de.js";
import { ADA, expectAccessible, json, problem, Service, show } from "./service.js";
import { GRACE, EVENT, signedIn, inside, times } from "./people.js";

describe("the profile", () => {
  it("gets another name, and says so", async () => {
    const service = signedIn();
    service.answer("PUT /api/users/me", () => json(ADA));
    const { user } = show(service, inside(<Profile />));
    const field = await screen.findByLabelText(/Full name/);
    await expectAccessible();
    await user.clear(field);
    service.answer("GET /api/users/me", () => json({ ...ADA, full_name: "Ada King" }));
    await user.type(field, " Ada King {Enter}");
    expect(await screen.findByText("Your name is saved.")).toBeTruthy();
    expect(service.bodies("PUT /api/users/me")).toEqual([{ full_name: "Ada King" }]);
  });

  it("gets another address only through an e-mail; one that can’t be is said in plain words", async () => {
    const service = signedIn();
    service.answer("POST /api/users/me/email", () =>
      problem(422, "validation_error", { errors: [{ pointer: "/email", detail: "The part after the @-sign is…" }] }),
    );
    const { user } = show(service, inside(<Profile />));
    await user.click(await screen.findByRole("button", { name: "Change address" }));
    const field = screen.getByLabelText("New address");
    expect(document.activeElement).toBe(field);
    await user.type(field, "x@y{Enter}");
    expect(await screen.findByText("This is no e-mail address that works. Please look at it again.")).toBeTruthy();
    expect(screen.queryByText(/email:|@-sign/)).toBeNull();
    service.answer("POST /api/users/me/email", () => json(undefined, 202));
    await user.clear(field);
    await user.type(field, " ada@example.org{Enter}");
    expect(await screen.findByText("We have written to ada@example.org")).toBeTruthy();
    expect(service.bodies("POST /api/users/me/email").at(-1)).toEqual({ email: "ada@example.org" });
    await expectAccessible();
  });

  it("has an unconfirmed address confirmed once more", async () => {
    const service = signedIn();
    service.answer("GET /api/users/me", () => json({ ...ADA, email_verified: false }));
    service.answer("POST /api/auth/email/verify/resend", () => json(undefined, 202));
    const { user } = show(service, inside(<Profile />));
    await user.click(await screen.findByRole("button", { name: "Send the confirmation e-mail again" }));
    expect(await screen.findByText("The e-mail is on its way.")).toBeTruthy();
  });
});

describe("what proves who one is", () => {
  const change = async (user: UserEvent): Promise<void> => {
    await user.type(await screen.findByLabelText("New password"), "another good one{Enter}");
  };
  const asking = (methods?: string[]): Service => {
    const service = signedIn();
    let fresh = false;
    service.answer("PUT /api/users/me", () =>
      fresh ? json(ADA) : problem(403, "reauthentication_required", { methods, level: 1 }),
    );
    service.answer("POST /api/auth/reauthenticate", (body) => {
      fresh = (body as { password: string }).password === "old one";
      return fresh ? json(undefined) : problem(400, "invalid_grant");
    });
    return service;
  };

  it("is a new password, once the old one was given over the page", async () => {
    const service = asking(["password", "something_later"]);
    const { user } = show(service, inside(<Password />));
    await change(user);
    const dialog = await screen.findByRole("dialog", { name: "Confirm that it’s you" });
    const field = within(dialog).getByLabelText("Password");
    expect(document.activeElement).toBe(field);
    await expectAccessible();
    await user.type(field, "wrong{Enter}");
    expect(await within(dialog).findByText("Incorrect password.")).toBeTruthy();
    await user.clear(field);
    await user.type(field, "old one{Enter}");
    expect(await screen.findByText(/Your password is changed/)).toBeTruthy();
    expect(service.bodies("PUT /api/users/me")).toEqual(Array(2).fill({ password: "another good one" }));
    expect(screen.getByLabelText<HTMLInputElement>("New password").value).toBe("");
    expect(document.querySelector("input[autocomplete=username]")?.getAttribute("value")).toBe(ADA.email);
  });

  it("is asked for in the ways that are known; where none is, that is said, and nothing is lost", async () => {
    const { user } = show(asking(["something_later"]), inside(<Password />));
    await change(user);
    expect(await screen.findByText(/doesn’t know the way/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(screen.queryByText("Please log in again to do that.")).toBeNull();
    expect(screen.getByLabelText<HTMLInputElement>("New password").value).toBe("another good one");
  });

  it("is no question to the next user", async () => {
    const service = asking(["password"]);
    const { user, client } = show(service, inside(<Password />));
    await change(user);
    await screen.findByRole("dialog");
    service.answer("GET /api/users/me", () => json(GRACE));
    await client.login(GRACE.email, "correct horse");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect((await screen.findByLabelText<HTMLInputElement>("New password")).value).toBe("");
  });

  it("has no password where the service has none", async () => {
    const mail = { kind: "mail", code: true, link: true, registers: true };
    show(signedIn({ ways: [mail] }), inside(<Security />));
    expect(await screen.findByRole("heading", { name: "Security" })).toBeTruthy();
    await waitFor(() => expect(screen.queryByLabelText("New password")).toBeNull());
  });
});

describe("activity", () => {
  it("calls a device by the service’s parts, and an event, in the reader’s language", async () => {
    const service = signedIn();
    const later = { ...EVENT, id: "2", type: "something.later", user_agent: null, device: null, ip: null };
    const strange = { ...EVENT, id: "3", device: "Unknown browser", browser: null, system: null };
    service.answer("GET /api/users/me/events", () => json([EVENT, later, strange]));
    show(service, inside(<Activity />), { language: "de", languages: { de } });
    expect(await screen.findAllByText("Anmeldung fehlgeschlagen")).toHaveLength(2);
    expect(screen.getByText("Chrome auf macOS · 203.0.113.7")).toBeTruthy();
    expect(screen.getByText("Unbekannter Browser · 203.0.113.7")).toBeTruthy();
    expect(screen.getByText("Something later")).toBeTruthy();
    expect(screen.getByText("Durch den Dienst")).toBeTruthy();
    await expectAccessible();
  });

  it("is read in pages, and a start page’s excerpt asks no question of its own", async () => {
    const service = signedIn();
    const link = { link: '</api/users/me/events?limit=20&after=more>; rel="next"' };
    service.answer("GET /api/users/me/events", () => json([EVENT], 200, link));
    const { user } = show(
      service,
      inside(
        <>
          <Activity />
          <LatestActivity />
        </>,
      ),
    );
    await waitFor(() => expect(screen.getAllByText("Failed log-in")).toHaveLength(2));
    expect(times(service, "GET /api/users/me/events")).toBe(1);
    service.answer("GET /api/users/me/events", () => json([{ ...EVENT, type: "login.succeeded" }]));
    await user.click(screen.getByRole("button", { name: "Next" }));
    expect(await screen.findByText("Logged in")).toBeTruthy();
    expect(screen.getByText("Page 2")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Previous" }));
    expect(screen.getAllByText("Failed log-in")).toHaveLength(2);
  });
});

describe("one’s data", () => {
  it("is deleted after a question, and its owner is told", async () => {
    const service = signedIn();
    service.answer("DELETE /api/users/me", () => problem(409, "last_superuser"));
    const { user } = show(service, inside(<YourData />));
    await user.click(await screen.findByRole("button", { name: "Delete my account" }));
    await user.click(screen.getByRole("button", { name: "Delete for good" }));
    expect((await screen.findByText(/This is the last administrator/)).closest("[role=alert]")).toBeTruthy();
    await expectAccessible();
    service.answer("DELETE /api/users/me", () => json(undefined));
    service.answer("GET /api/users/me", () => problem(401, "invalid_token"));
    service.answer("POST /api/auth/refresh", () => problem(400, "invalid_grant", { cause: "user_deleted" }));
    await user.click(screen.getByRole("button", { name: "Delete for good" }));
    expect(await screen.findByText("This account has been deleted.")).toBeTruthy();
  });

  it("is taken along as a file", async () => {
    const service = signedIn();
    service.answer("GET /api/users/me/export", () => json({ user: ADA }));
    const made = vi.fn(() => "blob:x");
    Object.assign(URL, { createObjectURL: made, revokeObjectURL: () => undefined });
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue(undefined);
    const { user } = show(service, inside(<YourData />));
    await user.click(await screen.findByRole("button", { name: "Download a copy" }));
    expect(await screen.findByText("Your copy is saved.")).toBeTruthy();
    expect(made).toHaveBeenCalledOnce();
  });
});

it("the account is all of it in tabs, for the keyboard too, and what was typed into one stays there", async () => {
  const { user } = show(signedIn(), inside(<Account />));
  const field = await screen.findByLabelText(/Full name/);
  await expectAccessible();
  await user.type(field, " King");
  await user.click(screen.getByRole("tab", { name: "Profile" }));
  await user.keyboard("{ArrowRight}{ArrowRight}");
  expect(document.activeElement).toBe(screen.getByRole("tab", { name: "Devices", selected: true }));
  expect(await screen.findByText("Firefox on Linux")).toBeTruthy();
  await expectAccessible();
  await user.keyboard("{Home}");
  expect(screen.getByLabelText<HTMLInputElement>(/Full name/).value).toBe("Ada Lovelace King");
  await user.keyboard("{End}");
  expect(screen.getByRole("tabpanel", { name: "Your data" })).toBeTruthy();
});
