import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { RequireSession, Security } from "../src/index.js";
import { ADA, expectAccessible, json, problem, Service, show } from "./service.js";

const LATER = "2999-01-01T00:00:00Z";
const CODES = ["AAAAA-AAAA-AAAA", "BBBBB-BBBB-BBBB"];
const TOKENS = { access_token: "token", expires_in: 900 };

describe("one’s own second step", () => {
  function having(): { service: Service; has: { totp: boolean; fresh: boolean } } {
    const service = new Service();
    const has = { totp: false, fresh: false };
    service.answer("POST /api/auth/refresh", () => json(TOKENS));
    service.answer("GET /api/users/me/factors", () =>
      json({
        totp: has.totp ? { created_at: ADA.created_at, last_used_at: null } : null,
        passkeys: [],
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
    expect((await screen.findByRole("link", { name: "Open in an app on this device" })).getAttribute("href")).toBe(
      "otpauth://totp/x",
    );
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
    expect(await screen.findByText(/The app is set up/)).toBeTruthy();
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
    await user.click(screen.getByRole("button", { name: "Remove the app" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Remove the app" }));
    expect(await screen.findByText(/less than a day ago/)).toBeTruthy();
  });

  it("says when it is about to be taken away, and stays at a word", async () => {
    const { service, has } = having();
    has.totp = true;
    const waits: { recovery?: { at: string } } = { recovery: { at: "2026-11-30T09:10:00Z" } };
    const factors = () => ({
      totp: { created_at: LATER, last_used_at: null },
      passkeys: [],
      recovery_codes: { left: 2, created_at: null },
      required: false,
      ...waits,
    });
    service.answer("GET /api/users/me/factors", () => json(factors()));
    service.answer("DELETE /api/users/me/factors/recovery", () => problem(503, "unavailable"));
    const { user } = show(service, own);
    const notice = (await screen.findByText("Your second step will be taken away")).closest<HTMLElement>("section");
    expect(notice?.textContent).toMatch(/2026/);
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Keep it" }));
    expect(await screen.findByText("Temporarily unavailable")).toBeTruthy();
    service.answer("DELETE /api/users/me/factors/recovery", () => {
      delete waits.recovery;
      return json(undefined, 204);
    });
    await user.click(screen.getByRole("button", { name: "Keep it" }));
    expect(await screen.findByText("Your second step stays.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Keep it" })).toBeNull();
    expect(document.activeElement?.textContent).toBe("Your second step stays.");
    await expectAccessible();
    // Somebody asks again: that it stayed once is no reason to be quiet.
    waits.recovery = { at: "2026-12-04T09:10:00Z" };
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
    window.dispatchEvent(new Event("focus"));
    expect(await screen.findByText("Your second step will be taken away")).toBeTruthy();
    expect(screen.queryByText("Your second step stays.")).toBeNull();
    // Somebody was first: it isn't there any more.
    service.answer("DELETE /api/users/me/factors/recovery", () => {
      delete waits.recovery;
      return problem(404, "not_found");
    });
    await user.click(screen.getByRole("button", { name: "Keep it" }));
    await waitFor(() => expect(screen.queryByText("Your second step will be taken away")).toBeNull());
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
    expect(screen.queryByText("Authenticator app")).toBeNull();
  });
});
