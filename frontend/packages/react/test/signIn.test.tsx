import { act, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { de } from "../src/messages/de.js";
import { SignedIn, SignedOut, SignIn } from "../src/index.js";
import { expectAccessible, json, problem, Service, show } from "./service.js";

const wrong = () => problem(400, "invalid_grant");

describe("logging in", () => {
  it("shows who has logged in what is theirs", async () => {
    const service = new Service();
    const { user, client } = show(
      service,
      <>
        <SignedOut>
          <SignIn />
        </SignedOut>
        <SignedIn>hello</SignedIn>
      </>,
    );
    await user.type(await screen.findByLabelText("E-mail"), " ada@example.com");
    await user.type(screen.getByLabelText("Password"), "correct horse");
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Log in" }));
    expect(await screen.findByText("hello")).toBeTruthy();
    expect(service.bodies("POST /api/auth/login")).toEqual([{ email: "ada@example.com", password: "correct horse" }]);
    // Whoever comes next isn't told who was here.
    await act(() => client.logout());
    expect((await screen.findByLabelText<HTMLInputElement>("E-mail")).value).toBe("");
  });

  it("says what is wrong at the field, in its own words, and hears Enter", async () => {
    const service = new Service();
    service.answer("POST /api/auth/login", wrong);
    const { user } = show(service, <SignIn />);
    await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
    const field = screen.getByLabelText("Password");
    await user.type(field, "wrong{Enter}");
    const said = await screen.findByText("Incorrect e-mail or password.");
    expect(said.closest("[aria-live=assertive]")).toBeTruthy();
    expect(document.activeElement).toBe(field);
    expect(screen.queryByText("The service’s own words.")).toBeNull();
    await user.type(field, "{Enter}");
    await waitFor(() => expect(service.bodies("POST /api/auth/login")).toHaveLength(2));
    await expectAccessible();
  });

  it.each([false, true])(
    "offers a new password after a wrong one; confirming the address: %s",
    async (confirm_email) => {
      const service = new Service({ confirm_email });
      service.answer("POST /api/auth/login", wrong);
      const { user } = show(service, <SignIn />);
      await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
      await user.type(screen.getByLabelText("Password"), "wrong{Enter}");
      expect(await screen.findByRole("button", { name: "Set a new password" })).toBeTruthy();
      expect(screen.queryByRole("button", { name: /confirmation e-mail again/ }) !== null).toBe(confirm_email);
      await user.click(screen.getByRole("button", { name: "Set a new password" }));
      expect((await screen.findByLabelText<HTMLInputElement>("E-mail")).value).toBe("ada@example.com");
      expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Forgot your password?" }));
    },
  );

  it("speaks German, the endings and the problems too", async () => {
    const service = new Service();
    service.answer("POST /api/auth/login", wrong);
    service.answer("POST /api/auth/refresh", () => problem(400, "invalid_grant", { cause: "password_changed" }));
    const { user } = show(service, <SignIn />, { language: "de-AT", languages: { de: () => Promise.resolve(de) } });
    await user.type(await screen.findByLabelText("E-Mail"), "ada@example.com");
    await user.type(screen.getByLabelText("Passwort"), "falsch{Enter}");
    expect(await screen.findByText("E-Mail oder Passwort stimmt nicht.")).toBeTruthy();
    await user.clear(screen.getByLabelText("Passwort"));
    await user.click(screen.getByRole("button", { name: "Anmelden" }));
    expect(await screen.findByText("Bitte füllen Sie dieses Feld aus.")).toBeTruthy();
    expect(document.querySelector("[lang=de]")).toBeTruthy();
  });

  it("shows just what the service offers, and leaves out what isn't known", async () => {
    const mail = { kind: "mail", code: true, link: true, registers: false };
    const service = new Service({ registration: "closed", ways: [mail, { kind: "passkey" }] });
    service.answer("POST /api/auth/email/start", () => json({ challenge: "lkm_challenge", expires_in: 1200 }, 202));
    const { user } = show(service, <SignIn />);
    await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
    expect(screen.queryByLabelText("Password")).toBeNull();
    expect(screen.queryByRole("button", { name: "Create an account" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Send the e-mail" }));
    expect(await screen.findByLabelText("Code")).toBeTruthy();
    await expectAccessible();
  });
});
