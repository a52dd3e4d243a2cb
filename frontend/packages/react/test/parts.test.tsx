import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { ForgotPassword, LetterPage, SignUp, useAuth, VerifyEmail } from "../src/index.js";
import { ADA, expectAccessible, json, problem, Service, show } from "./service.js";

const accepted = () => json({ detail: "Fine." }, 202);
const dead = () => problem(400, "invalid_token");
const Who = () => useAuth().user?.email ?? null;

/** Open the page of a letter. */
const open = (path: string): void => window.history.replaceState(null, "", path);

describe("creating an account", () => {
  it("logs in, and tells while typing how long a password has to be", async () => {
    const service = new Service({ password: { min_length: 12, max_length: 64 } });
    service.answer("POST /api/auth/register", () => json(ADA));
    const { user } = show(service, [<SignUp key="1" />, <Who key="2" />]);
    const password = await screen.findByLabelText("Password");
    expect(password.getAttribute("passwordrules")).toBe("minlength: 12; maxlength: 64;");
    expect(screen.getByText(/At least 12 characters/)).toBeTruthy();
    await expectAccessible();
    await user.type(screen.getByLabelText(/Full name/), "Ada");
    await user.type(screen.getByLabelText("E-mail"), "ada@example.com");
    await user.type(password, "correct ho");
    expect(screen.getByText("2 more to go.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Create account" }));
    expect(await screen.findByText("At least 12 characters, please.")).toBeTruthy();
    expect(document.activeElement).toBe(password);
    expect(service.bodies("POST /api/auth/register")).toEqual([]);
    await user.type(password, "rse{Enter}");
    expect(await screen.findByText("ada@example.com")).toBeTruthy();
    expect(service.bodies("POST /api/auth/register")).toEqual([
      { email: "ada@example.com", password: "correct horse", full_name: "Ada" },
    ]);
  });

  it("tells to look for the letter where addresses are confirmed first; the focus goes to what is new", async () => {
    const service = new Service({ confirm_email: true });
    service.answer("POST /api/auth/register", accepted);
    const { user } = show(service, <SignUp />);
    await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
    await user.type(screen.getByLabelText("Password"), "correct horse{Enter}");
    const heading = await screen.findByRole("heading", { name: "Look for our e-mail" });
    expect(document.activeElement).toBe(heading);
    expect(screen.getByText("ada@example.com").tagName).toBe("STRONG");
    await expectAccessible();
  });

  it("shows each fault at its field, and says so where nobody may", async () => {
    const service = new Service();
    service.answer("POST /api/auth/register", () => problem(400, "email_taken"));
    const { user } = show(service, <SignUp />);
    await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
    await user.type(screen.getByLabelText("Password"), "correct horse{Enter}");
    const said = await screen.findByText("There is an account with this address already.");
    expect(screen.getByLabelText("E-mail").getAttribute("aria-describedby")).toBe(said.parentElement?.id);
    expect(screen.getByRole("alert").textContent).toBe("");
  });

  it("is offered nowhere where it is closed", async () => {
    show(new Service({ registration: "closed" }), <SignUp />);
    expect(await screen.findByText("New accounts can’t be created here.")).toBeTruthy();
    expect(screen.queryByLabelText("E-mail")).toBeNull();
  });
});

it("creates accounts by mail where that is the way", async () => {
  const mail = { kind: "mail", code: true, link: true, registers: true };
  show(new Service({ registration: "by_mail", ways: [{ kind: "password" }, mail] }), <SignUp />);
  expect(await screen.findByRole("button", { name: "Send the e-mail" })).toBeTruthy();
  expect(screen.queryByLabelText("Password")).toBeNull();
});

it("asks for a forgotten password, and says the same whoever asks", async () => {
  const service = new Service();
  let answers = () => problem(429, "rate_limited", {}, { "retry-after": "50" });
  service.answer("POST /api/auth/password/forgot", () => answers());
  const { user } = show(service, <ForgotPassword />, { links: { signIn: "/in" } });
  const field = await screen.findByLabelText("E-mail");
  await user.type(field, "ada{Enter}");
  expect(await screen.findByText(/no e-mail address that works/)).toBeTruthy();
  await user.type(field, "@example.com{Enter}");
  expect(await screen.findByText(/^Try again in \d+ s\.$/)).toBeTruthy();
  await user.type(field, "{Enter}");
  expect(service.bodies("POST /api/auth/password/forgot")).toHaveLength(1);
  answers = accepted;
  expect(screen.getByRole("link", { name: "Back to log in" }).getAttribute("href")).toBe("/in");
});

describe("the page of a letter", () => {
  it("is chosen by its address, and none where it is another", async () => {
    const service = new Service();
    show(service, <LetterPage>something else</LetterPage>);
    expect(await screen.findByText("something else")).toBeTruthy();
  });

  it.each([
    ["/confirm-email", "Use the new address", "confirm", /the new address is yours/],
    ["/app/undo-email-change/", "Take it back", "undo", /this address is yours again/],
  ])("%s does nothing before a press, and keeps its token out of the address", async (path, action, call, done) => {
    const what = `POST /api/auth/email/${call}`;
    const service = new Service();
    open(`${path}#token=secret`);
    service.answer(what, dead);
    const { user } = show(service, <LetterPage />);
    expect(window.location.hash).toBe("");
    const button = await screen.findByRole("button", { name: action });
    await expectAccessible();
    expect(service.bodies(what)).toEqual([]);
    service.answer(what, () => json(undefined));
    await user.click(button);
    expect(await screen.findByText(done)).toBeTruthy();
    expect(service.bodies(what)).toEqual([{ token: "secret" }]);
  });

  it.each([
    ["recover", "I have lost it", "confirm", /is taken away on .*2026/],
    ["keep", "No, it stays", "cancel", /your second step stays/],
  ])("to %s a second factor does it at a press, once", async (kind, action, call, done) => {
    const what = `POST /api/auth/second-factor/recovery/${call}`;
    const service = new Service();
    open(`/app/${kind}-second-factor#token=secret`);
    service.answer(what, () => problem(503, "unavailable"));
    const { user, rerender } = show(service, <LetterPage />);
    expect(window.location.hash).toBe("");
    const button = await screen.findByRole("button", { name: action });
    await expectAccessible();
    expect(service.bodies(what)).toEqual([]);
    await user.click(button);
    expect(await screen.findByText("Temporarily unavailable")).toBeTruthy();
    // The page is loaded anew, and the link is still there.
    rerender(null);
    rerender(<LetterPage />);
    service.answer(what, () => (kind === "recover" ? json({ at: "2026-11-30T09:10:00Z" }) : json(undefined, 204)));
    await user.click(await screen.findByRole("button", { name: action }));
    await waitFor(() => expect(document.body.textContent).toMatch(done));
    await expectAccessible();
    expect(service.bodies(what).at(-1)).toEqual({ token: "secret" });
    rerender(null);
    rerender(<LetterPage />);
    expect(await screen.findByText("This link is no good any more")).toBeTruthy();
  });

  it.each(["recover", "keep"] as const)("to %s a second factor says when it is no good", async (kind) => {
    open(`/${kind}-second-factor#token=secret`);
    const service = new Service();
    service.answer(`POST /api/auth/second-factor/recovery/${kind === "keep" ? "cancel" : "confirm"}`, dead);
    const { user } = show(service, <LetterPage kind={kind} />);
    await user.click(await screen.findByRole("button", { name: /lost|stays/ }));
    expect(await screen.findByText("This link is no good any more")).toBeTruthy();
  });

  it.each([
    ["reset", "password/reset", "New password", "Set password"],
    ["confirm", "email/confirm", null, "Use the new address"],
    ["keep", "second-factor/recovery/cancel", null, "No, it stays"],
  ] as const)("to %s takes the code of the e-mail where the link was cut", async (kind, call, field, action) => {
    const what = `POST /api/auth/${call}`;
    const service = new Service();
    service.answer(what, dead);
    const { user } = show(service, <LetterPage kind={kind} />);
    const press = async (code: string): Promise<void> => {
      await user.type(await screen.findByLabelText("Code from the e-mail"), `${code}{Enter}`);
      if (field) await user.type(await screen.findByLabelText(field), "correct horse");
      await user.click(await screen.findByRole("button", { name: action }));
    };
    await screen.findByText("This link is no good any more");
    await expectAccessible();
    await press("wrong");
    await screen.findByText("This link is no good any more");
    service.answer(what, () => json(undefined, 204));
    await press(" ABCD-EFGH ");
    await waitFor(() => expect(screen.queryByRole("button", { name: action })).toBeNull());
    expect(service.bodies(what).map((body) => (body as { token: string }).token)).toEqual(["wrong", "ABCD-EFGH"]);
  });

  it("that confirms an address takes the code, too", async () => {
    const service = new Service();
    service.answer("POST /api/auth/email/verify", () => json(undefined, 204));
    const { user } = show(service, <VerifyEmail />);
    await user.type(await screen.findByLabelText("Code from the e-mail"), "ABCD{Enter}");
    await user.type(await screen.findByLabelText("Password"), "correct horse{Enter}");
    expect(await screen.findByText("Your address is confirmed.")).toBeTruthy();
    expect(service.bodies("POST /api/auth/email/verify")).toEqual([{ token: "ABCD", password: "correct horse" }]);
  });

  it("sets a password, and leads on to the log-in in its place", async () => {
    const service = new Service();
    open("/reset-password#token=secret");
    service.answer("POST /api/auth/password/reset", () => json(undefined));
    const { user } = show(service, <LetterPage />);
    await user.type(await screen.findByLabelText("New password"), "correct horse{Enter}");
    expect(await screen.findByText("Your password is set. Log in with it.")).toBeTruthy();
    expect(service.bodies("POST /api/auth/password/reset")).toEqual([{ token: "secret", password: "correct horse" }]);
    await user.type(screen.getByLabelText("E-mail"), "ada@example.com");
    await expectAccessible();
  });

  it("confirms with a password, or with a new one", async () => {
    const service = new Service();
    open("/verify-email#token=secret");
    service.answer("POST /api/auth/email/verify", (body) =>
      "password" in (body as object) ? problem(400, "invalid_grant") : json(undefined),
    );
    const { user } = show(service, <LetterPage />);
    await user.type(await screen.findByLabelText("Password"), "wrong{Enter}");
    expect(await screen.findByText("Incorrect password.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: /choose a new one/ }));
    expect(document.activeElement).toBe(screen.getByLabelText("New password"));
    await user.keyboard("correct horse{Enter}");
    expect(await screen.findByText("Your address is confirmed, and your password is set.")).toBeTruthy();
  });

  it("that has no link asks for that letter again", async () => {
    const service = new Service();
    service.answer("POST /api/auth/email/verify/resend", accepted);
    const { user } = show(service, <VerifyEmail />);
    await user.type(await screen.findByLabelText("E-mail"), "ada@example.com{Enter}");
    expect(await screen.findByText(/an e-mail is on its way/)).toBeTruthy();
  });

  it("to log in with shows who asked, and leads on", async () => {
    const service = new Service();
    open("/login/link#token=secret");
    const asked = { email: ADA.email, at: "2026-11-26T09:10:00Z", ip: "203.0.113.7", browser: "Firefox on Linux" };
    service.answer("POST /api/auth/email/look", () => json(asked));
    service.answer("POST /api/auth/email/finish", () => json({ access_token: "token", expires_in: 900 }));
    const gone: string[] = [];
    const { user } = show(service, <LetterPage />, { links: { account: "/home" }, navigate: (to) => gone.push(to) });
    expect(await screen.findByText("Firefox on Linux")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Log in" }));
    await waitFor(() => expect(gone).toEqual(["/home"]));
    expect(service.bodies("POST /api/auth/email/finish")).toEqual([{ token: "secret" }]);
  });
});
