import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { expectAccessible, json, problem, show } from "./service.js";
import {
  LATER,
  TOKENS,
  CODES,
  CREATION,
  SHOWN,
  credential,
  get,
  create,
  cancelled,
  offering,
  page,
  logInByPassword,
  button,
  fakePasskeys,
} from "./authenticator.js";

fakePasskeys();

describe("a passkey on the log-in page", () => {
  it("logs in by a button; nothing is said when it is called off, and why when it is refused", async () => {
    const service = offering();
    const { user } = show(service, page);
    get.mockRejectedValueOnce(cancelled());
    await user.click(await button("Log in with a passkey"));
    await waitFor(() => expect(get).toHaveBeenCalledOnce());
    await button("Log in with a passkey");
    expect(screen.getAllByRole("alert").every((region) => region.textContent === "")).toBe(true);
    await expectAccessible();
    service.answer("POST /api/auth/passkeys", () => problem(400, "invalid_passkey"));
    await user.click(await button("Log in with a passkey"));
    expect(await screen.findByText(/This passkey wasn’t accepted/)).toBeTruthy();
    service.answer("POST /api/auth/passkeys", () => json(TOKENS));
    await user.click(await button("Log in with a passkey"));
    expect(await screen.findByText("hello")).toBeTruthy();
    expect(service.bodies("POST /api/auth/passkeys").at(-1)).toEqual({ credential: SHOWN });
  });

  it("is offered in the field for the address, until the page is left", async () => {
    let pick: (found: unknown) => void = () => undefined;
    vi.stubGlobal("PublicKeyCredential", {
      parseRequestOptionsFromJSON: (given: object) => given,
      isConditionalMediationAvailable: () => Promise.resolve(true),
    });
    get.mockImplementation(
      ({ signal }) =>
        new Promise((resolve, reject) => {
          pick = resolve;
          signal?.addEventListener("abort", () => reject(new DOMException("over", "AbortError")));
        }),
    );
    const { rerender } = show(offering(), page);
    const field = await screen.findByLabelText("E-mail");
    expect(field.getAttribute("autocomplete")).toBe("username webauthn");
    await waitFor(() => expect(get).toHaveBeenCalledOnce());
    expect(get.mock.calls[0]?.[0].mediation).toBe("conditional");
    rerender(null);
    await waitFor(() => expect(get.mock.calls[0]?.[0].signal?.aborted).toBe(true));
    rerender(page);
    await waitFor(() => expect(get).toHaveBeenCalledTimes(2));
    pick(credential);
    expect(await screen.findByText("hello")).toBeTruthy();
  });

  it("isn’t there where the browser or the service has none", async () => {
    vi.stubGlobal("PublicKeyCredential", undefined);
    const { rerender } = show(offering(), page);
    const field = await screen.findByLabelText("E-mail");
    expect(field.getAttribute("autocomplete")).toBe("username");
    expect(screen.queryByRole("button", { name: "Log in with a passkey" })).toBeNull();
    rerender(null);
  });

  it("is the second step’s first choice; then an app, then a recovery code", async () => {
    const service = offering();
    const methods = ["totp", "passkey", "recovery_code"];
    service.answer("POST /api/auth/login", () =>
      problem(403, "second_factor_required", { challenge: "lkc_1", methods, expires_at: LATER }),
    );
    const { user } = show(service, page);
    await logInByPassword(user);
    const use = await screen.findByRole("button", { name: "Use the passkey" });
    expect(screen.getAllByRole("button").map(({ textContent }) => textContent)).toEqual([
      "Use the passkey",
      "Use a code of the app",
      "Use a recovery code",
      "Begin again",
    ]);
    await expectAccessible();
    get.mockRejectedValueOnce(cancelled());
    await user.click(use);
    await waitFor(() => expect(use.getAttribute("aria-busy")).toBeNull());
    await user.click(screen.getByRole("button", { name: "Use a code of the app" }));
    expect(document.activeElement).toBe(screen.getByLabelText("Code of the app"));
    await user.click(screen.getByRole("button", { name: "Use a passkey" }));
    const again = screen.getByRole("button", { name: "Use the passkey" });
    await user.click(screen.getByLabelText("Don’t ask on this device for a while"));
    await user.click(again);
    expect(await screen.findByText("hello")).toBeTruthy();
    expect(service.bodies("POST /api/auth/second-factor")).toEqual([
      { challenge: "lkc_1", passkey: SHOWN, trust_device: true },
    ]);
  });

  it("is set up at the door; a wrong code by mail makes no second one; the codes are shown over the next page", async () => {
    const service = offering();
    service.answer("POST /api/auth/login", () =>
      problem(403, "enrolment_required", { challenge: "lkc_1", methods: ["totp", "passkey"], expires_at: LATER }),
    );
    service.answer("POST /api/auth/second-factor/enrol", () => json({ options: CREATION, mail_code: true }));
    service.answer("POST /api/auth/second-factor/enrol/confirm", (body) =>
      (body as { mail_code: string }).mail_code === "314159"
        ? json({ ...TOKENS, recovery_codes: CODES })
        : problem(400, "invalid_code", { attempts_left: 3 }),
    );
    const { user } = show(service, page);
    await logInByPassword(user);
    await user.click(await screen.findByRole("button", { name: "Set up a passkey" }));
    const field = await screen.findByLabelText("Code from the e-mail");
    expect(document.activeElement).toBe(field);
    await expectAccessible();
    await user.type(field, "111111{Enter}");
    expect(await screen.findByText("This code is not valid.")).toBeTruthy();
    await user.clear(field);
    await user.type(field, "314 159{Enter}");
    const dialog = await screen.findByRole("dialog", { name: "Keep your recovery codes" });
    expect(await screen.findByText("hello")).toBeTruthy();
    expect(create).toHaveBeenCalledOnce();
    expect(dialog.contains(document.activeElement)).toBe(true);
    await user.keyboard("{Escape}");
    await user.click(screen.getByRole("button", { name: "I have kept them" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });
});
