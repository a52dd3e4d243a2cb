import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { RequireSession, SessionEnded, SignIn, SignedIn } from "../src/index.js";
import { de } from "../src/messages/de.js";
import { ADA, expectAccessible, json, problem, Service, show } from "./service.js";

const LATER = "2999-01-01T00:00:00Z";
const CHALLENGE = { challenge: "lkc_1", methods: ["totp", "recovery_code"], expires_at: LATER };
const CODES = ["AAAAA-AAAA-AAAA", "BBBBB-BBBB-BBBB"];
const TOKENS = { access_token: "token", expires_in: 900 };

/** A service that asks for the second step; `left` wrong codes are told so, then it is over. */
function asking(more: object = {}, options: ConstructorParameters<typeof Service>[0] = {}): Service {
  const service = new Service(options);
  service.answer("POST /api/auth/login", () => problem(403, "second_factor_required", { ...CHALLENGE, ...more }));
  service.answer("POST /api/auth/second-factor", (body) =>
    "code" in (body as object) && (body as { code: string }).code !== "271828"
      ? problem(400, "invalid_code", { attempts_left: 3 })
      : json(TOKENS),
  );
  return service;
}

const logIn = async (user: ReturnType<typeof show>["user"]): Promise<void> => {
  const email = await screen.findByLabelText<HTMLInputElement>("E-mail");
  // It is still there for whoever begins again.
  if (email.value === "") await user.type(email, ADA.email);
  await user.type(screen.getByLabelText("Password"), "correct horse{Enter}");
};

const page = (
  <>
    <SignIn />
    <SignedIn>hello</SignedIn>
  </>
);

describe("the second step of a log-in", () => {
  it("takes a code of the app, says how often it may be wrong, and trusts the device", async () => {
    const service = asking();
    const { user } = show(service, page);
    await logIn(user);
    const field = await screen.findByLabelText("Code of the app");
    expect(document.activeElement).toBe(field);
    expect(field.getAttribute("autocomplete")).toBe("one-time-code");
    expect(field.getAttribute("inputmode")).toBe("numeric");
    await expectAccessible();
    await user.type(field, "12{Enter}");
    expect(await screen.findByText("The code has six digits.")).toBeTruthy();
    await user.clear(field);
    await user.type(field, "111 111{Enter}");
    expect(await screen.findByText("Attempts left: 3")).toBeTruthy();
    expect(screen.getByText("This code is not valid.")).toBeTruthy();
    await user.clear(field);
    await user.click(screen.getByLabelText("Don’t ask on this device for a while"));
    await user.type(field, "271 828{Enter}");
    expect(await screen.findByText("hello")).toBeTruthy();
    expect(service.bodies("POST /api/auth/second-factor").at(-1)).toEqual({
      challenge: "lkc_1",
      code: "271828",
      trust_device: true,
    });
  });

  it("takes a recovery code, offers no trust where there is none, and can be begun again", async () => {
    const service = asking({}, { second_factor: { set_up: true, trust_device: false } });
    const { user } = show(service, page);
    await logIn(user);
    await user.click(await screen.findByRole("button", { name: "Begin again" }));
    await logIn(user);
    await screen.findByLabelText("Code of the app");
    expect(screen.queryByRole("checkbox")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Use a recovery code" }));
    const field = screen.getByLabelText("Recovery code");
    expect(document.activeElement).toBe(field);
    await user.type(field, ` ${CODES[0]} {Enter}`);
    expect(await screen.findByText("hello")).toBeTruthy();
    expect(service.bodies("POST /api/auth/second-factor")).toEqual([{ challenge: "lkc_1", recovery_code: CODES[0] }]);
  });

  it("says when the log-in is over, and leads back to its beginning", async () => {
    const service = asking();
    service.answer("POST /api/auth/second-factor", () => problem(400, "invalid_challenge"));
    const { user } = show(service, page);
    await logIn(user);
    await user.type(await screen.findByLabelText("Code of the app"), "271828{Enter}");
    expect(await screen.findByText("That log-in is over")).toBeTruthy();
    const again = screen.getByRole("button", { name: "Begin again" });
    expect(document.activeElement).toBe(again);
    await user.click(again);
    expect(await screen.findByLabelText("Password")).toBeTruthy();
  });

  describe("that is lost", () => {
    const ASK = "POST /api/auth/second-factor/recovery";
    const recovery = { second_factor: { set_up: true, trust_device: true, recovery: true } };

    it("isn’t asked for where the service doesn’t take it away", async () => {
      const { user } = show(asking(), page);
      await logIn(user);
      await screen.findByLabelText("Code of the app");
      expect(screen.queryByRole("button", { name: "Lost all of it?" })).toBeNull();
    });

    it("has an e-mail sent, and can be shown after all", async () => {
      const service = asking({}, recovery);
      service.answer(ASK, () => problem(403, "forbidden"));
      const { user } = show(service, page);
      await logIn(user);
      await user.click(await screen.findByRole("button", { name: "Lost all of it?" }));
      const title = await screen.findByRole("heading", { name: "Second step lost" });
      expect(document.activeElement).toBe(title);
      expect(screen.queryByLabelText("Code of the app")).toBeNull();
      await expectAccessible();
      expect(service.bodies(ASK)).toEqual([]);
      await user.click(screen.getByRole("button", { name: "Send the e-mail" }));
      expect(await screen.findByText(/a mailbox alone isn’t enough/)).toBeTruthy();
      service.answer(ASK, () => json({ detail: "…" }, 202));
      await user.click(screen.getByRole("button", { name: "Send the e-mail" }));
      expect(await screen.findByText(/an e-mail is on its way/)).toBeTruthy();
      expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Look for our e-mail" }));
      expect(service.bodies(ASK).at(-1)).toEqual({ challenge: "lkc_1" });
      await expectAccessible();
      await user.click(screen.getByRole("button", { name: "Back to the second step" }));
      await user.type(await screen.findByLabelText("Code of the app"), "271828{Enter}");
      expect(await screen.findByText("hello")).toBeTruthy();
    });

    it("says when the log-in is over, and a new one begins with the step itself", async () => {
      const service = asking({ methods: ["something_later"] }, recovery);
      service.answer(ASK, () => problem(400, "invalid_challenge"));
      const { user } = show(service, page);
      await logIn(user);
      await user.click(await screen.findByRole("button", { name: "Lost all of it?" }));
      await user.click(await screen.findByRole("button", { name: "Send the e-mail" }));
      expect(await screen.findByText("That log-in is over")).toBeTruthy();
      await user.click(screen.getByRole("button", { name: "Begin again" }));
      service.answer("POST /api/auth/login", () => problem(403, "second_factor_required", CHALLENGE));
      await logIn(user);
      expect(await screen.findByLabelText("Code of the app")).toBeTruthy();
    });
  });

  it("says that it doesn’t know the step, in German too", async () => {
    const { user } = show(asking({ methods: ["something_later"] }), page, { language: "de", languages: { de } });
    await user.type(await screen.findByLabelText("E-Mail"), ADA.email);
    await user.type(screen.getByLabelText("Passwort"), "correct horse{Enter}");
    expect(await screen.findByText(/kennt den zweiten Schritt nicht/)).toBeTruthy();
  });

  it("is set up at the door where the account has to have one, with a code by mail", async () => {
    const service = asking();
    service.answer("POST /api/auth/login", () =>
      problem(403, "enrolment_required", { ...CHALLENGE, methods: ["totp"] }),
    );
    service.answer("POST /api/auth/second-factor/enrol", () =>
      json({ enrolment: "e1", secret: "JBSWY3DP", uri: "otpauth://totp/x", expires_at: LATER, mail_code: true }),
    );
    service.answer("POST /api/auth/second-factor/enrol/confirm", () => json({ ...TOKENS, recovery_codes: CODES }));
    const { user } = show(service, page);
    await logIn(user);
    await user.click(await screen.findByRole("button", { name: "Set up an app" }));
    expect(await screen.findByText("JBSW Y3DP")).toBeTruthy();
    await expectAccessible();
    await user.type(screen.getByLabelText("Code of the app"), "271828");
    await user.type(screen.getByLabelText("Code from the e-mail"), "314159{Enter}");
    expect(await screen.findByText("hello")).toBeTruthy();
    expect(service.bodies("POST /api/auth/second-factor/enrol/confirm")).toEqual([
      { challenge: "lkc_1", enrolment: "e1", code: "271828", mail_code: "314159" },
    ]);
  });

  it("is asked over a page whose session has ended, too", async () => {
    const service = asking();
    service.answer("POST /api/auth/refresh", () => json(TOKENS));
    const { user, client } = show(
      service,
      <RequireSession>
        <p>my page</p>
        <SessionEnded />
      </RequireSession>,
    );
    await screen.findByText("my page");
    service.answer("POST /api/auth/refresh", () => problem(400, "invalid_grant", { reason: "expired" }));
    await client.getAccessToken({ fresh: true }).catch(() => undefined);
    await user.type(await screen.findByLabelText("Password"), "correct horse{Enter}");
    await user.type(await screen.findByLabelText("Code of the app"), "271828{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(screen.getByText("my page")).toBeTruthy();
  });
});
