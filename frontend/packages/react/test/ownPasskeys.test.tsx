import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { RequireSession, Security, SignUp, SignedIn } from "../src/index.js";
import { AdminUsers } from "../src/admin.js";
import { de } from "../src/messages/de.js";
import { ADA, expectAccessible, json, OPTIONS, problem, Service, show } from "./service.js";
import { TOKENS, CODES, ASKED, CREATION, SHOWN, create, cancelled, ways, fakePasskeys } from "./authenticator.js";

fakePasskeys();

describe("one’s own passkeys", () => {
  const PHONE = {
    id: "p1",
    name: "Phone",
    created_at: ADA.created_at,
    last_used_at: ADA.created_at,
    synced: true,
    suspended_at: null,
  };
  function having(): { service: Service; keys: (typeof PHONE)[] } {
    const service = new Service({ ways });
    const has = { keys: [PHONE, { ...PHONE, id: "p2", name: "Stick", synced: false }] };
    service.answer("POST /api/auth/refresh", () => json(TOKENS));
    service.answer("GET /api/users/me/factors", () =>
      json({ totp: null, passkeys: has.keys, recovery_codes: { left: 10, created_at: null }, required: false }),
    );
    service.answer("GET /api/users/me/trusted-devices", () => json([]));
    service.answer("POST /api/users/me/factors/passkeys/options", () => json(CREATION));
    service.answer("POST /api/users/me/factors/passkeys", () => {
      const made = { ...PHONE, id: "p3", name: "Laptop" };
      has.keys.push(made);
      return json({ ...made, recovery_codes: CODES }, 201);
    });
    service.answer("PATCH /api/users/me/factors/passkeys/p1", (body) => {
      has.keys = has.keys.map((key) => (key.id === "p1" ? { ...key, ...(body as { name: string }) } : key));
      return json(has.keys[0]);
    });
    service.answer("DELETE /api/users/me/factors/passkeys/p1", () => problem(409, "last_way_in"));
    service.answer("DELETE /api/users/me/factors/passkeys/p2", () => {
      has.keys = has.keys.filter(({ id }) => id !== "p2");
      return json(undefined, 204);
    });
    return { service, keys: has.keys };
  }
  const own = (
    <RequireSession>
      <Security />
    </RequireSession>
  );
  const card = async () => within(await screen.findByRole("region", { name: "Passkeys" }));

  it("are listed, added, renamed and removed; the last way in stays", async () => {
    const { service } = having();
    const { user } = show(service, own);
    const keys = await card();
    expect((await keys.findAllByRole("listitem")).map(({ textContent }) => textContent)).toEqual([
      expect.stringMatching(/^Phone Synced.*used/) as string,
      expect.stringMatching(/^Stick On one device/) as string,
    ]);
    await expectAccessible();
    create.mockRejectedValueOnce(new DOMException("there", "InvalidStateError"));
    await user.click(keys.getByRole("button", { name: "Add a passkey" }));
    expect(await keys.findByText("This device has a passkey for this account already.")).toBeTruthy();
    await user.click(keys.getByRole("button", { name: "Add a passkey" }));
    expect(await keys.findByText("“Laptop” is set up. You can log in with it.")).toBeTruthy();
    await user.click(await screen.findByRole("button", { name: "I have kept them" }));

    const rename = keys.getByRole("button", { name: "Rename “Phone”" });
    await user.click(rename);
    const field = screen.getByLabelText("Name", { selector: "dialog input" });
    await user.clear(field);
    await user.type(field, " Tablet {Enter}");
    expect(await keys.findByText("It is called “Tablet” now.")).toBeTruthy();
    await user.click(keys.getByRole("button", { name: "Remove “Tablet”" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Remove" }));
    expect(await screen.findByText(/nobody could log in to this account/)).toBeTruthy();
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Cancel" }));
    expect(document.activeElement).toBe(keys.getByRole("button", { name: "Remove “Tablet”" }));
    await user.click(keys.getByRole("button", { name: "Remove “Stick”" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Remove" }));
    expect(await keys.findByText("“Stick” is removed.")).toBeTruthy();
    expect(document.activeElement).toBe(keys.getByRole("button", { name: "Add a passkey" }));
  });

  it("make the session fresh; calling that off gives the focus back", async () => {
    const { service } = having();
    const { user } = show(service, own);
    let fresh = false;
    service.answer("POST /api/users/me/recovery-codes", () =>
      fresh
        ? json({ recovery_codes: CODES })
        : problem(403, "reauthentication_required", { methods: ["passkey", "recovery_code"], level: 2 }),
    );
    service.answer("POST /api/auth/reauthenticate/options", () => json(ASKED));
    service.answer("POST /api/auth/reauthenticate", () => {
      fresh = true;
      return json(undefined, 204);
    });
    const renew = await screen.findByRole("button", { name: "Make new ones" });
    await user.click(renew);
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(document.activeElement).toBe(renew));
    await user.click(renew);
    await user.click(await screen.findByRole("button", { name: "Use the passkey" }));
    expect(await screen.findByRole("list", { name: "Recovery codes" })).toBeTruthy();
    expect(service.bodies("POST /api/auth/reauthenticate")).toEqual([{ passkey: SHOWN }]);
  });

  it("can’t be set up where the browser knows none; in German", async () => {
    vi.stubGlobal("PublicKeyCredential", undefined);
    show(having().service, own, { language: "de", languages: { de } });
    expect(await screen.findByText("Dieser Browser kennt keine Passkeys.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Passkey hinzufügen" })).toBeNull();
  });

  it("are seen by administrators, and taken away with a reason", async () => {
    const { service, keys } = having();
    service.answer("GET /api/users/me", () => json({ ...ADA, is_superuser: true }));
    service.answer("GET /api/users/u1", () => json({ ...ADA, id: "u1", email: "bob@example.com" }));
    service.answer("GET /api/users/u1/sessions", () => json([]));
    service.answer("GET /api/users/u1/explanation", () => json({ sessions: [] }));
    let passkeys = keys;
    service.answer("GET /api/users/u1/factors", () =>
      json({
        totp: passkeys.length > 0 ? { created_at: ADA.created_at, last_used_at: null } : null,
        passkeys,
        recovery_codes: { left: passkeys.length, created_at: null },
        required: false,
      }),
    );
    service.answer("DELETE /api/users/u1/factors", () => {
      passkeys = [];
      return json({ factors: ["totp", "passkey"], recovery_codes: 2, trusted_devices: 1, sessions: 3 });
    });
    const { user } = show(
      service,
      <RequireSession>
        <AdminUsers at="u1" onAt={() => undefined} />
      </RequireSession>,
    );
    const region = within(await screen.findByRole("region", { name: "Second step and passkeys" }));
    expect(await region.findByText("Phone")).toBeTruthy();
    await user.click(region.getByRole("button", { name: "Reset second step" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.type(dialog.getByLabelText("Reason, for the record"), "lost her phone");
    await user.type(dialog.getByLabelText("E-mail address of the user"), "eve@example.com{Enter}");
    expect(await dialog.findByText("This is not the user’s e-mail address.")).toBeTruthy();
    await user.clear(dialog.getByLabelText("E-mail address of the user"));
    await user.type(dialog.getByLabelText("E-mail address of the user"), "bob@example.com{Enter}");
    expect(
      await region.findByText(
        "Taken away: Authenticator app, Passkeys. Recovery codes: 2. Trusted devices: 1. Devices logged out: 3.",
      ),
    ).toBeTruthy();
    expect(await region.findByText("This user has none.")).toBeTruthy();
    expect(service.bodies("DELETE /api/users/u1/factors")).toEqual([{ reason: "lost her phone" }]);
  });
});

describe("an account with a passkey alone", () => {
  const NEW = "Create an account with a passkey";
  const REGISTER = "POST /api/auth/passkeys/register";
  const registering = [{ kind: "password" }, { kind: "passkey", registers: true }] as (typeof OPTIONS)["ways"];
  const door = (
    <>
      <SignUp />
      <SignedIn>hello</SignedIn>
    </>
  );

  it("is made where the service says so; its recovery codes are shown once", async () => {
    const unknown = vi.fn();
    vi.stubGlobal("PublicKeyCredential", {
      parseCreationOptionsFromJSON: (given: object) => given,
      signalUnknownCredential: unknown,
    });
    const service = new Service({ ways: registering });
    service.answer(`${REGISTER}/options`, () => json({ registration: "r1", options: CREATION }));
    service.answer(REGISTER, () => problem(400, "email_taken"));
    const { user } = show(service, door);
    await user.click(await screen.findByRole("button", { name: NEW }));
    expect(screen.queryByLabelText("Password")).toBeNull();
    const first = await screen.findByLabelText(/^Full name/);
    expect(document.activeElement).toBe(first);
    await expectAccessible();
    await user.keyboard("Ada Lovelace");
    await user.type(screen.getByLabelText("E-mail"), `${ADA.email}{Enter}`);
    expect(await screen.findByText("There is an account with this address already.")).toBeTruthy();
    // The passkey that was made opens nothing.
    expect(unknown).toHaveBeenCalledExactlyOnceWith({ rpId: "localhost", credentialId: "AQ" });
    create.mockRejectedValueOnce(cancelled());
    await user.keyboard("{Enter}");
    await waitFor(() => expect(create).toHaveBeenCalledTimes(2));
    await waitFor(() =>
      expect(screen.getByRole("button", { name: "Create account" }).getAttribute("aria-busy")).toBeNull(),
    );
    expect(screen.getAllByRole("alert").every((region) => region.textContent === "")).toBe(true);
    service.answer(REGISTER, () => problem(400, "invalid_passkey"));
    await user.click(screen.getByRole("button", { name: "Create account" }));
    expect(await screen.findByText(/This passkey wasn’t accepted/)).toBeTruthy();
    service.answer(REGISTER, () => json({ ...TOKENS, recovery_codes: CODES }));
    await user.click(screen.getByRole("button", { name: "Create account" }));
    const dialog = await screen.findByRole("dialog", { name: "Keep your recovery codes" });
    expect(await within(dialog).findByText(CODES[0] ?? "")).toBeTruthy();
    expect(screen.getByText("hello")).toBeTruthy();
    await user.click(within(dialog).getByRole("button", { name: "I have kept them" }));
    expect(screen.queryByText(CODES[0] ?? "")).toBeNull();
    const given = { email: ADA.email, full_name: "Ada Lovelace" };
    expect(service.bodies(`${REGISTER}/options`).at(-1)).toEqual(given);
    expect(service.bodies(REGISTER).at(-1)).toEqual({ ...given, registration: "r1", credential: SHOWN });
  });

  it("gets further factors without a confirmed address, which nobody has there", async () => {
    const service = new Service({ ways: registering });
    service.answer("POST /api/auth/refresh", () => json(TOKENS));
    service.answer("GET /api/users/me", () => json({ ...ADA, email_verified: false }));
    service.answer("GET /api/users/me/factors", () =>
      json({ totp: null, passkeys: [], recovery_codes: { left: 0, created_at: null }, required: false }),
    );
    show(service, <Security />);
    expect(await screen.findByRole("button", { name: "Add a passkey" })).toBeTruthy();
    expect(screen.getByRole("button", { name: "Set up an app" })).toBeTruthy();
    expect(screen.queryByText("Please confirm your e-mail address first.")).toBeNull();
  });

  it("is offered nowhere else, and in German too; the way back is a password", async () => {
    const { rerender } = show(new Service({ ways }), door);
    expect(await screen.findByLabelText("Password")).toBeTruthy();
    expect(screen.queryByRole("button", { name: NEW })).toBeNull();
    rerender(null);
    const { user } = show(new Service({ ways: registering }), door, { language: "de", languages: { de } });
    await user.click(await screen.findByRole("button", { name: "Konto mit einem Passkey anlegen" }));
    expect(await screen.findByText(/^Ohne Passwort/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Konto mit einem Passwort anlegen" }));
    expect(await screen.findByLabelText("Passwort")).toBeTruthy();
  });
});
