import { screen, waitFor, within } from "@testing-library/react";
import { type ReactElement } from "react";
import { describe, expect, it, vi } from "vitest";
import { Account, LatestActivity, Profile, RequireSession, SignIn, UserButton, useLatchkey } from "../src/index.js";
import { ADA, expectAccessible, json, problem, Service, show } from "./service.js";
import { GRACE, LAPTOP, signedIn, inside } from "./people.js";

describe("the menu of whoever is signed in", () => {
  it("says who that is, closes with Escape and by going elsewhere, and logs out", async () => {
    const service = signedIn();
    service.answer("POST /api/auth/logout", () => json(undefined));
    const navigate = vi.fn();
    const { user } = show(
      service,
      inside(
        <>
          <UserButton />
          <a href="#elsewhere">elsewhere</a>
        </>,
      ),
      { navigate, links: { settings: "/account" } },
    );
    const button = await screen.findByRole("button", { name: "Ada Lovelace, account menu" });
    await user.click(button);
    expect(screen.getByText(ADA.email)).toBeTruthy();
    await screen.findByRole("button", { name: "Log out everywhere" });
    await expectAccessible();
    await user.keyboard("{Escape}");
    expect(document.activeElement).toBe(button);
    expect(button.ariaExpanded).toBe("false");
    await user.click(button);
    await user.click(screen.getByText("elsewhere"));
    expect(button.ariaExpanded).toBe("false");
    await user.click(button);
    await user.click(screen.getByRole("link", { name: "Account settings" }));
    expect(navigate).toHaveBeenCalledWith("/account", { replace: false });
    expect(button.ariaExpanded).toBe("false");
    await user.click(button);
    await user.click(screen.getByRole("button", { name: "Log out" }));
    expect(await screen.findByText("You are logged out.")).toBeTruthy();
  });

  it("doesn’t say a second time that there is no network", async () => {
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    const { user } = show(
      signedIn(),
      inside(
        <>
          <UserButton />
          <Profile />
          <LatestActivity />
        </>,
      ),
    );
    await screen.findByLabelText(/Full name/);
    await user.click(screen.getByRole("button", { name: /account menu/ }));
    expect(screen.getAllByText(/^You are offline/)).toHaveLength(1);
  });

  it("logs out without a network, and says what that means", async () => {
    const service = signedIn();
    service.answer("POST /api/auth/logout", () => Promise.reject(new TypeError("Failed to fetch")));
    const { user } = show(service, inside(<UserButton />));
    await user.click(await screen.findByRole("button", { name: /account menu/ }));
    await user.click(screen.getByRole("button", { name: "Log out" }));
    expect(await screen.findByText(/The service couldn’t be reached, and doesn’t know it yet/)).toBeTruthy();
  });
});

describe("a session that ends under the page", () => {
  const mail = { kind: "mail", code: true, link: true, registers: false };

  async function end(service: Service): Promise<ReturnType<typeof show>> {
    const Ask = (): ReactElement => {
      const client = useLatchkey();
      return <button onClick={() => void client.call("GET", "/api/sessions").catch(() => undefined)}>Ask</button>;
    };
    const shown = show(
      service,
      inside(
        <>
          <Ask />
          <Profile />
        </>,
      ),
    );
    await shown.user.type(await screen.findByLabelText(/Full name/), " King");
    service.answer("GET /api/sessions", () => problem(401, "invalid_token"));
    service.answer("POST /api/auth/refresh", () => problem(400, "invalid_grant", { cause: "expired" }));
    await shown.user.click(screen.getByRole("button", { name: "Ask" }));
    return shown;
  }
  const typed = (): string => screen.getByLabelText<HTMLInputElement>(/Full name/).value;

  it("is gone on with over it, with the true reason, and what was typed is still there", async () => {
    const service = signedIn();
    const { user } = await end(service);
    const dialog = await screen.findByRole("dialog", { name: "Log in again" });
    expect(dialog.textContent).toContain("You were away for long.");
    await expectAccessible();
    await user.type(within(dialog).getByLabelText("Password"), "correct horse{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(typed()).toBe("Ada Lovelace King");
    expect(service.bodies("POST /api/auth/login")).toEqual([{ email: ADA.email, password: "correct horse" }]);
  });

  it("is gone on with where its browser has lost the key that it is bound to", async () => {
    const service = signedIn();
    service.answer("POST /api/auth/refresh", () => json({ access_token: "token", expires_in: 2 }));
    const { user } = show(service, inside(<Profile />));
    await user.type(await screen.findByLabelText(/Full name/), " King");
    service.answer("POST /api/auth/refresh", () => problem(403, "device_proof_required"));
    // It is asked for again, a few times, before anybody is told.
    const dialog = await screen.findByRole("dialog", { name: "Log in again" }, { timeout: 12_000 });
    expect(dialog.textContent).toContain("This browser has no key for this session.");
    await user.type(within(dialog).getByLabelText("Password"), "correct horse{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(typed()).toBe("Ada Lovelace King");
  });

  it("is gone on with by mail where that is the way, or one of them", async () => {
    const service = signedIn({ ways: [mail] });
    service.answer("POST /api/auth/email/start", () => json({ challenge: "lkm_challenge", expires_in: 1200 }, 202));
    service.answer("POST /api/auth/email/finish", () => json({ access_token: "token", expires_in: 900 }));
    const { user } = await end(service);
    const dialog = await screen.findByRole("dialog", { name: "Log in again" });
    expect((await within(dialog).findByLabelText<HTMLInputElement>("E-mail")).value).toBe(ADA.email);
    expect(within(dialog).queryByLabelText("Password")).toBeNull();
    await user.click(within(dialog).getByRole("button", { name: "Send the e-mail" }));
    await user.type(await within(dialog).findByLabelText("Code"), "123456{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(typed()).toBe("Ada Lovelace King");
  });

  it("leaves nothing to somebody else who logs in there", async () => {
    const service = signedIn();
    const { client } = await end(service);
    await screen.findByRole("dialog");
    service.answer("GET /api/users/me", () => json(GRACE));
    await client.login(GRACE.email, "correct horse");
    await waitFor(() => expect(typed()).toBe("Grace Hopper"));
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});

it("whoever leaves the log-in page finds nothing of the one before in the account", async () => {
  const service = signedIn();
  service.answer("POST /api/auth/logout", () => json(undefined));
  const { user } = show(
    service,
    <RequireSession fallback={<SignIn />}>
      <UserButton />
      <Account sections={["devices"]} />
    </RequireSession>,
  );
  await screen.findByText("Mobile Safari on iOS");
  await user.click(screen.getByRole("button", { name: /account menu/ }));
  await user.click(screen.getByRole("button", { name: "Log out" }));
  service.answer("GET /api/users/me", () => json(GRACE));
  service.answer("GET /api/sessions", () => json([LAPTOP]));
  await user.type(await screen.findByLabelText("E-mail"), GRACE.email);
  await user.type(screen.getByLabelText("Password"), "correct horse{Enter}");
  expect(await screen.findByText("Firefox on Linux")).toBeTruthy();
  expect(screen.queryByText("Mobile Safari on iOS")).toBeNull();
});
