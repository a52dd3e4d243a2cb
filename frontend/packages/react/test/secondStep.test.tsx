import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { RequireSession, Security, SessionEnded, SignIn, SignedIn } from "../src/index.js";
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
    await user.click(await screen.findByRole("button", { name: "Begin" }));
    expect(await screen.findByText("JBSWY3DP")).toBeTruthy();
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

describe("one’s own second step", () => {
  function having(): { service: Service; has: { totp: boolean; fresh: boolean } } {
    const service = new Service();
    const has = { totp: false, fresh: false };
    service.answer("POST /api/auth/refresh", () => json(TOKENS));
    service.answer("GET /api/users/me/factors", () =>
      json({
        totp: has.totp ? { created_at: ADA.created_at, last_used_at: null } : null,
        recovery_codes: { left: has.totp ? 2 : 0, created_at: null },
        required: false,
      }),
    );
    service.answer("GET /api/users/me/trusted-devices", () => json([]));
    service.answer("POST /api/users/me/factors/totp", () =>
      json({ enrolment: "e1", secret: "JBSWY3DP", uri: "otpauth://totp/x", expires_at: LATER }),
    );
    service.answer("POST /api/users/me/factors/totp/confirm", (body) => {
      if ((body as { code: string }).code !== "271828") return problem(400, "invalid_code");
      has.totp = true;
      return json({ recovery_codes: CODES });
    });
    const stale = (): Response =>
      problem(403, "reauthentication_required", { methods: ["totp", "recovery_code"], level: 2 });
    service.answer("POST /api/users/me/recovery-codes", () => (has.fresh ? json({ recovery_codes: CODES }) : stale()));
    service.answer("DELETE /api/users/me/factors/totp", () => problem(403, "forbidden"));
    service.answer("POST /api/auth/reauthenticate", (body) => {
      has.fresh = (body as { recovery_code?: string }).recovery_code === CODES[1];
      return has.fresh ? json(undefined, 204) : problem(400, "invalid_code");
    });
    return { service, has };
  }
  const own = (
    <RequireSession>
      <Security />
    </RequireSession>
  );

  it("is set up with a code of it; recovery codes are shown once, to be kept", async () => {
    const { service } = having();
    const { user } = show(service, own);
    await user.click(await screen.findByRole("button", { name: "Set up an app" }));
    expect((await screen.findByRole("link", { name: "Open in an app" })).getAttribute("href")).toBe("otpauth://totp/x");
    const field = screen.getByLabelText("Code of the app");
    expect(document.activeElement).toBe(field);
    await user.type(field, "111111{Enter}");
    expect(await screen.findByText("This code is not valid.")).toBeTruthy();
    await user.clear(field);
    await user.type(field, "271828{Enter}");
    const list = await screen.findByRole("list", { name: "Recovery codes" });
    expect(document.activeElement).toBe(list);
    expect(
      within(list)
        .getAllByRole("listitem")
        .map((item) => item.textContent),
    ).toEqual(CODES);
    expect(await screen.findByText(/The second step is set up/)).toBeTruthy();
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Copy" }));
    expect(await navigator.clipboard.readText()).toBe(CODES.join("\n"));
    const print = vi.spyOn(window, "print").mockImplementation(() => undefined);
    await user.click(screen.getByRole("button", { name: "Print" }));
    expect(print).toHaveBeenCalledOnce();
    await user.click(screen.getByRole("button", { name: "I have kept them" }));
    expect(screen.queryByText(CODES[0] ?? "")).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Make new ones" }));
  });

  it("has new recovery codes made once it was shown again, by a code or a recovery code", async () => {
    const { service, has } = having();
    has.totp = true;
    const { user } = show(service, own);
    await user.click(await screen.findByRole("button", { name: "Make new ones" }));
    const dialog = await screen.findByRole("dialog", { name: "Confirm that it’s you" });
    await user.type(within(dialog).getByLabelText("Code of the app"), "111111{Enter}");
    expect(await within(dialog).findByText("This code is not valid.")).toBeTruthy();
    await expectAccessible();
    await user.click(within(dialog).getByRole("button", { name: "Use a recovery code" }));
    const field = within(dialog).getByLabelText("Recovery code");
    expect(document.activeElement).toBe(field);
    await user.type(field, `${CODES[1]}{Enter}`);
    expect(await screen.findByRole("list", { name: "Recovery codes" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Remove the second step" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Remove the second step" }));
    expect(await screen.findByText(/less than a day ago/)).toBeTruthy();
  });

  it("isn’t offered where the service has none, nor before the address is confirmed", async () => {
    const { service } = having();
    service.answer("GET /api/users/me", () => json({ ...ADA, email_verified: false }));
    const { rerender } = show(service, own);
    expect(await screen.findByText("Please confirm your e-mail address first.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Set up an app" })).toBeNull();
    rerender(null);
    const without = new Service({ second_factor: { set_up: false, trust_device: false } });
    without.answer("POST /api/auth/refresh", () => json(TOKENS));
    show(without, own);
    expect(await screen.findByLabelText("New password")).toBeTruthy();
    expect(screen.queryByText("Second step")).toBeNull();
  });
});
