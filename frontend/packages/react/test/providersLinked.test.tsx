import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { LetterPage, RequireSession, Security, SignedIn } from "../src/index.js";
import { AdminUsers } from "../src/admin.js";
import { de } from "../src/messages/de.js";
import { SHOWN, ASKED } from "./authenticator.js";
import { ADA, expectAccessible, json, OPTIONS, problem, Service, show } from "./service.js";
import {
  LATER,
  TOKENS,
  START,
  FINISH,
  LINK,
  MAIL,
  NOT_LINKED,
  GONE,
  providing,
  comeBack,
  returned,
  button,
  wentTo,
} from "./providing.js";

describe("an account that is there already", () => {
  const asking = (more: object = {}): Service => {
    comeBack();
    const service = providing();
    service.answer(FINISH, () => problem(400, "account_not_linked", { ...NOT_LINKED, expires_at: LATER, ...more }));
    return service;
  };

  it("is linked with its password, at a second try; nothing of it is taken for a second step", async () => {
    const service = asking();
    service.answer(LINK, () => problem(400, "invalid_grant"));
    const { user, navigate } = returned(service);
    expect(await screen.findByRole("heading", { name: "You have an account here already" })).toBeTruthy();
    expect(screen.getByText(ADA.email)).toBeTruthy();
    await expectAccessible();
    const field = await screen.findByLabelText("Password");
    await user.type(field, "wrong{Enter}");
    expect(await screen.findByText("Incorrect password.")).toBeTruthy();
    service.answer(LINK, () => json(TOKENS));
    await user.clear(field);
    await user.type(field, "correct horse{Enter}");
    await wentTo(navigate, "/notes");
    expect(service.bodies(LINK).at(-1)).toEqual({ challenge: "lkl_1", password: "correct horse" });
  });

  it("still asks when the page was loaded anew, and asks for a second step after it", async () => {
    const service = asking();
    service.answer(LINK, () =>
      problem(403, "second_factor_required", { challenge: "lkc_1", methods: ["totp"], expires_at: LATER }),
    );
    service.answer("POST /api/auth/second-factor", () => json(TOKENS));
    const { user, navigate, rerender } = returned(service);
    await screen.findByLabelText("Password");
    rerender(null);
    rerender(<LetterPage />);
    await user.type(await screen.findByLabelText("Password"), "correct horse{Enter}");
    await user.type(await screen.findByLabelText("Code of the app"), "271828{Enter}");
    await wentTo(navigate, "/notes");
    expect(service.bodies(FINISH)).toHaveLength(1);
  });

  it("is linked with a passkey", async () => {
    const service = asking({ methods: ["passkey", "mail"] });
    service.answer("POST /api/auth/providers/link/options", () => json(ASKED));
    const { user, navigate } = returned(service);
    await user.click(await button("Log in and link"));
    await wentTo(navigate, "/notes");
    expect(service.bodies(LINK)).toEqual([{ challenge: "lkl_1", passkey: SHOWN }]);
  });

  it("is linked with a code from its mailbox", async () => {
    const service = asking();
    service.answer(LINK, (body) =>
      (body as { code: string }).code === "271828" ? json(TOKENS) : problem(400, "invalid_code"),
    );
    const { user, navigate } = returned(service);
    await user.click(await button("Use a code by e-mail"));
    await user.click(await button("Send the e-mail"));
    const field = await screen.findByLabelText("Code");
    expect(document.activeElement).toBe(field);
    await expectAccessible();
    await user.type(field, "111111{Enter}");
    expect(await screen.findByText("This code is not valid.")).toBeTruthy();
    await user.clear(field);
    await user.type(field, "271 828{Enter}");
    await wentTo(navigate, "/notes");
    expect(service.bodies(MAIL)).toEqual([{ challenge: "lkl_1" }]);
    expect(service.bodies(LINK).at(-1)).toEqual({ challenge: "lkl_2", code: "271828" });
  });

  it("isn’t spoken of where the provider vouches for no address: a code is sent to it", async () => {
    const service = asking({ methods: ["mail"] });
    const { user, navigate } = returned(service);
    expect(await screen.findByRole("heading", { name: "Is this address yours?" })).toBeTruthy();
    expect(document.body.textContent).toMatch(/Corp doesn’t vouch for ada@example.com/);
    expect(document.body.textContent).not.toMatch(/already/);
    await user.click(await button("Send the e-mail"));
    await user.type(await screen.findByLabelText("Code"), "271828{Enter}");
    await wentTo(navigate, "/notes");
  });

  it("asks for the address where the provider says none", async () => {
    const service = asking({ methods: ["mail"], email: null });
    const { user } = returned(service);
    await user.type(await screen.findByLabelText("E-mail"), " ada@example.org {Enter}");
    expect(await screen.findByText("ada@example.org")).toBeTruthy();
    expect(service.bodies(MAIL)).toEqual([{ challenge: "lkl_1", email: "ada@example.org" }]);
  });

  it("says when it is over, and begins again", async () => {
    const service = asking();
    service.answer(LINK, () => problem(400, "invalid_challenge"));
    const { user } = returned(service);
    await user.type(await screen.findByLabelText("Password"), "correct horse{Enter}");
    expect(await screen.findByText("That log-in is over")).toBeTruthy();
    await user.click(await button("Try again with Corp"));
    await waitFor(() => expect(service.bodies(START)).toEqual([{ intent: "login", return_to: "/notes" }]));
  });

  it("says so in German", async () => {
    returned(asking(), { language: "de", languages: { de } });
    expect(await screen.findByRole("heading", { name: "Sie haben hier schon ein Konto" })).toBeTruthy();
    expect(await button("Anmelden und verknüpfen")).toBeTruthy();
  });
});

describe("one’s own linked accounts", () => {
  const LINKED = { id: "i1", provider: "corp", name: "Corp", brand: "openid", email: "ada@corp.example" };
  function having(): Service {
    const service = providing();
    const has = { all: [{ ...LINKED, created_at: ADA.created_at, last_used_at: null as string | null }] };
    service.answer("POST /api/auth/refresh", () => json(TOKENS));
    service.answer("GET /api/users/me/factors", () =>
      json({ totp: null, passkeys: [], recovery_codes: { left: 0, created_at: null }, required: false }),
    );
    service.answer("GET /api/users/me/identities", () => json(has.all));
    service.answer("DELETE /api/users/me/identities/i1", () => {
      has.all = [];
      return json(undefined, 204);
    });
    return service;
  }
  const own = (
    <RequireSession>
      <Security />
    </RequireSession>
  );
  const card = async () => within(await screen.findByRole("region", { name: "Linked accounts" }));

  it("are listed, unlinked and linked; the last way in stays", async () => {
    const service = having();
    service.answer("POST /api/auth/providers/google/start", () => json(GONE("google")));
    service.answer("DELETE /api/users/me/identities/i1", () => problem(409, "last_way_in"));
    window.history.replaceState(null, "", "/security");
    const { user } = show(service, own);
    const linked = await card();
    expect((await linked.findByRole("listitem")).textContent).toMatch(/^Corp ada@corp.example.*Linked/);
    expect(linked.queryByRole("button", { name: "Link Corp" })).toBeNull();
    await expectAccessible();
    await user.click(linked.getByRole("button", { name: "Unlink Corp, ada@corp.example" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Unlink Corp?" }));
    await user.click(dialog.getByRole("button", { name: "Unlink" }));
    expect(await dialog.findByText(/^Without it nobody could log in/)).toBeTruthy();
    service.answer("DELETE /api/users/me/identities/i1", () => {
      service.answer("GET /api/users/me/identities", () => json([]));
      return json(undefined, 204);
    });
    await user.click(dialog.getByRole("button", { name: "Unlink" }));
    expect(await linked.findByText("Corp is unlinked.")).toBeTruthy();
    expect(await linked.findByRole("button", { name: "Link Corp" })).toBeTruthy();
    await user.click(linked.getByRole("button", { name: "Link Google" }));
    await waitFor(() => expect(window.location.hash).toBe("#google"));
    expect(service.bodies("POST /api/auth/providers/google/start")).toEqual([
      { intent: "link", return_to: "/security" },
    ]);
  });

  it("says on the way back that one was linked, once; and when it is somebody else’s", async () => {
    comeBack({ intent: "link", returnTo: "/security" });
    const service = having();
    service.answer(FINISH, () => json(undefined, 204));
    const { navigate, rerender } = returned(service);
    await wentTo(navigate, "/security");
    rerender(own);
    expect(await (await card()).findByText("Corp is linked. You can log in with it.")).toBeTruthy();
    rerender(null);
    rerender(own);
    await (await card()).findByRole("listitem");
    expect(screen.queryByText(/^Corp is linked/)).toBeNull();
  });

  it("says that it opens another account, with a way back to one’s own", async () => {
    comeBack({ intent: "link", returnTo: "/security" });
    const service = having();
    service.answer(FINISH, () => problem(409, "already_linked"));
    returned(service, { links: { settings: "/settings" } });
    expect(await screen.findByText(/opens another account here/)).toBeTruthy();
    expect(screen.getByRole("link", { name: "To your account" }).getAttribute("href")).toBe("/settings");
  });

  it("aren’t there where the service has none", async () => {
    const service = having();
    service.answer("GET /api/auth/options", () => json(OPTIONS));
    service.answer("GET /api/users/me/identities", () => problem(404, "not_found"));
    show(service, own);
    await screen.findByRole("region", { name: "Passkeys" });
    expect(screen.queryByRole("region", { name: "Linked accounts" })).toBeNull();
  });

  it("show again who one is, where the service takes that", async () => {
    const service = having();
    service.answer("PUT /api/users/me", () =>
      problem(403, "reauthentication_required", { methods: ["password"], level: 1 }),
    );
    window.history.replaceState(null, "", "/security?tab=1");
    const { user } = show(service, own);
    await user.type(await screen.findByLabelText("New password"), "another good one{Enter}");
    const dialog = within(await screen.findByRole("dialog", { name: "Confirm that it’s you" }));
    expect(dialog.getByLabelText("Password", { exact: true })).toBeTruthy();
    await user.click(await dialog.findByRole("button", { name: "Log in again with Corp" }));
    await waitFor(() =>
      expect(service.bodies(START)).toEqual([{ intent: "reauthenticate", return_to: "/security?tab=1" }]),
    );
    expect(dialog.queryByRole("button", { name: /Google/ })).toBeNull();
  });
});

it("administrators see which accounts open a user’s, and take one away", async () => {
  const service = providing();
  const user = { ...ADA, last_login_at: null };
  const one = { id: "i1", provider: "corp", name: "Corp", brand: "openid", email: null, created_at: ADA.created_at };
  service.answer("POST /api/auth/refresh", () => json(TOKENS));
  service.answer("GET /api/users/me", () => json({ ...ADA, is_superuser: true }));
  service.answer(`GET /api/users/${ADA.id}`, () => json(user));
  service.answer(`GET /api/users/${ADA.id}/sessions`, () => json([]));
  service.answer(`GET /api/users/${ADA.id}/factors`, () =>
    json({ totp: null, passkeys: [], recovery_codes: { left: 0, created_at: null }, required: false }),
  );
  service.answer(`GET /api/users/${ADA.id}/identities`, () => json([{ ...one, last_used_at: null }]));
  service.answer(`DELETE /api/users/${ADA.id}/identities/i1`, () => {
    service.answer(`GET /api/users/${ADA.id}/identities`, () => json([]));
    return json(undefined, 204);
  });
  const { user: hand } = show(
    service,
    <SignedIn>
      <AdminUsers at={ADA.id} />
    </SignedIn>,
  );
  const card = within(await screen.findByRole("region", { name: "Linked accounts" }));
  expect(card.getByRole("listitem").textContent).toMatch(/^Corp, –, since/);
  await hand.click(card.getByRole("button", { name: /^Unlink Corp/ }));
  await hand.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Unlink" }));
  expect(await card.findByText("Corp is unlinked.")).toBeTruthy();
});
