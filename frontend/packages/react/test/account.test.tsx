import { screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { Component, type ReactElement, type ReactNode } from "react";
import { describe, expect, it, vi } from "vitest";
import {
  Account,
  Activity,
  Devices,
  LatestActivity,
  Password,
  Profile,
  RequireSession,
  Security,
  SignIn,
  Switched,
  UserButton,
  useDevices,
  useKept,
  useLatchkey,
  YourData,
} from "../src/index.js";
import { de } from "../src/messages/de.js";
import { ADA, expectAccessible, json, problem, Service, show } from "./service.js";

const GRACE = { ...ADA, id: "grace", email: "grace@example.com", full_name: "Grace Hopper" };
const LAPTOP = {
  id: "laptop",
  created_at: "2026-11-23T09:10:07Z",
  last_used_at: "2026-11-23T09:10:07Z",
  expires_at: "2026-11-30T09:10:07Z",
  ip: "203.0.113.7",
  user_agent: "Mozilla/5.0",
  device: "Firefox on Linux",
  current: true,
  methods: ["pwd"],
  level: 1,
};
const PHONE = { ...LAPTOP, id: "phone", device: "Mobile Safari on iOS", ip: "198.51.100.9", current: false };
const EVENT = {
  id: "1",
  type: "login.failed",
  created_at: ADA.created_at,
  session_id: null,
  ip: "203.0.113.7",
  user_agent: "Mozilla/5.0",
  device: "Chrome on macOS",
  detail: {},
};

/** A service where Ada is logged in, with two devices and one event. */
function signedIn(options: ConstructorParameters<typeof Service>[0] = {}): Service {
  const service = new Service(options);
  service.answer("POST /api/auth/refresh", () => json({ access_token: "token", expires_in: 900 }));
  service.answer("GET /api/sessions", () => json([LAPTOP, PHONE]));
  service.answer("GET /api/users/me/events", () => json([EVENT]));
  return service;
}

const inside = (children: ReactNode): ReactElement => <RequireSession>{children}</RequireSession>;
const times = (service: Service, what: string): number => service.bodies(what).length;

describe("devices", () => {
  it("are ended one at a time, after a question; thinking better of it leads back", async () => {
    const service = signedIn();
    service.answer("DELETE /api/sessions/phone", () => json(undefined));
    const { user } = show(service, inside(<Devices />));
    const button = await screen.findByRole("button", { name: "Log out Mobile Safari on iOS, 198.51.100.9" });
    await expectAccessible();
    await user.click(button);
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Cancel" }));
    expect(document.activeElement).toBe(button);
    expect(times(service, "DELETE /api/sessions/phone")).toBe(0);
    await user.click(button);
    const dialog = screen.getByRole("dialog", { name: "Log out Mobile Safari on iOS?" });
    await expectAccessible();
    service.answer("GET /api/sessions", () => json([LAPTOP]));
    await user.click(within(dialog).getByRole("button", { name: "Log out" }));
    expect(await screen.findByText("Mobile Safari on iOS is logged out.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: /^Log out Mobile Safari/ })).toBeNull();
    expect(screen.getByRole("button", { name: "Log out all others" }).ariaDisabled).toBe("true");
  });

  it("are all ended but this one", async () => {
    const service = signedIn();
    service.answer("DELETE /api/sessions", () => json(undefined));
    const { user } = show(service, inside(<Devices />));
    await screen.findByText("Firefox on Linux");
    await user.click(screen.getByRole("button", { name: "Log out all others" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Log out all others" }));
    expect(await screen.findByText("All other devices are logged out.")).toBeTruthy();
  });

  it("are all ended, this one too; and a service that is away is said in the question", async () => {
    const service = signedIn();
    service.answer("POST /api/auth/logout-all", () => problem(503, "unavailable"));
    const { user } = show(service, inside(<Devices />));
    await user.click(await screen.findByRole("button", { name: "Log out everywhere" }));
    const again = within(screen.getByRole("dialog")).getByRole("button", { name: "Log out everywhere" });
    await user.click(again);
    expect(await screen.findByText("Temporarily unavailable")).toBeTruthy();
    service.answer("POST /api/auth/logout-all", () => json(undefined));
    await user.click(again);
    expect(await screen.findByRole("heading", { name: "Log in" })).toBeTruthy();
    expect(screen.getByText("You logged out on all devices.")).toBeTruthy();
  });

  it("this one is ended by logging out", async () => {
    const service = signedIn();
    service.answer("POST /api/auth/logout", () => json(undefined));
    const { user } = show(service, inside(<Devices />));
    await user.click(await screen.findByRole("button", { name: "Log out of this device" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Log out" }));
    expect(await screen.findByRole("heading", { name: "Log in" })).toBeTruthy();
  });
});

describe("an answer", () => {
  const Count = (): ReactElement => {
    const { devices, problem, loading } = useDevices();
    return (
      <p>
        {devices?.length ?? "no"} devices{loading && ", asking"} {problem?.message}
      </p>
    );
  };

  it("that is known is shown at once, and asked for anew behind; two who want it ask once", async () => {
    const service = signedIn();
    const both = inside(
      <>
        <Count />
        <Count />
      </>,
    );
    const { rerender } = show(service, both);
    expect(await screen.findAllByText("2 devices")).toHaveLength(2);
    expect(times(service, "GET /api/sessions")).toBe(1);
    rerender(inside(null));
    const now = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(now + 60_000);
    service.answer("GET /api/sessions", () => json([LAPTOP]));
    rerender(both);
    expect(screen.getAllByText("2 devices, asking")).toHaveLength(2);
    expect(await screen.findAllByText("1 devices")).toHaveLength(2);
    expect(times(service, "GET /api/sessions")).toBe(2);
  });

  it("that nobody waited for is asked for again by whoever comes next, however soon", async () => {
    const service = signedIn();
    const answers: (() => void)[] = [];
    service.answer(
      "GET /api/sessions",
      () => new Promise((resolve) => answers.push(() => resolve(json([LAPTOP, PHONE].slice(answers.length - 1))))),
    );
    const { rerender } = show(service, inside(<Count />));
    await screen.findByText("no devices, asking");
    rerender(inside(null));
    rerender(inside(<Count />));
    await waitFor(() => expect(answers).toHaveLength(2));
    for (const answer of answers) answer();
    expect(await screen.findByText("1 devices")).toBeTruthy();
  });

  it("that can’t be had for a while is asked for again by itself, and what is known stays", async () => {
    const service = signedIn();
    const { rerender } = show(service, inside(<Count />));
    await screen.findByText("2 devices");
    service.answer("GET /api/sessions", () => problem(503, "unavailable", {}, { "retry-after": "1" }));
    rerender(inside(null));
    const now = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(now + 60_000);
    rerender(inside(<Count />));
    expect(await screen.findByText(/^2 devices The service can’t answer/)).toBeTruthy();
    service.answer("GET /api/sessions", () => json([]));
    expect(await screen.findByText("0 devices")).toBeTruthy();
  });

  it("of one user is never the next one’s", async () => {
    const service = signedIn();
    const { client } = show(
      service,
      <RequireSession>
        <Count />
        <Switched />
      </RequireSession>,
    );
    await screen.findByText("2 devices");
    let answer: (response: Response) => void = () => undefined;
    service.answer("GET /api/sessions", () => new Promise((resolve) => (answer = resolve)));
    service.answer("GET /api/users/me", () => json(GRACE));
    await client.login(GRACE.email, "correct horse");
    expect(await screen.findByText("no devices, asking")).toBeTruthy();
    answer(json([LAPTOP]));
    expect(await screen.findByText("1 devices")).toBeTruthy();
  });

  it("that can’t be drawn isn’t kept: whoever tries again gets a new one", async () => {
    class Catch extends Component<{ children: ReactNode }> {
      override state = { broken: false };
      static getDerivedStateFromError = (): object => ({ broken: true });
      override render(): ReactNode {
        if (!this.state.broken) return this.props.children;
        return <button onClick={() => this.setState({ broken: false })}>Again</button>;
      }
    }
    vi.spyOn(console, "error").mockReturnValue(undefined);
    const service = signedIn();
    service.answer("GET /api/users/me/events", () => json([{ id: "1" }]));
    const { user } = show(
      service,
      inside(
        <Catch>
          <Activity />
        </Catch>,
      ),
    );
    const again = await screen.findByRole("button", { name: "Again" });
    service.answer("GET /api/users/me/events", () => json([EVENT]));
    await user.click(again);
    expect(await screen.findByText("Failed log-in")).toBeTruthy();
  });

  it("that a mistake of ours prevents is the boundary’s", async () => {
    class Catch extends Component<{ children: ReactNode }> {
      override state = { said: "" };
      static getDerivedStateFromError = (error: Error): object => ({ said: error.message });
      override render(): ReactNode {
        return this.state.said || this.props.children;
      }
    }
    vi.spyOn(console, "error").mockReturnValue(undefined);
    const Broken = (): string => useKept<string>("x", () => Promise.reject(new Error("ours"))).data ?? "";
    show(
      signedIn(),
      inside(
        <Catch>
          <Broken />
        </Catch>,
      ),
    );
    expect(await screen.findByText("ours")).toBeTruthy();
  });
});

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
  it("calls a device what the service calls it, and an event in the reader’s language", async () => {
    const service = signedIn();
    const later = { ...EVENT, id: "2", type: "something.later", device: null, ip: null };
    service.answer("GET /api/users/me/events", () => json([EVENT, later]));
    show(service, inside(<Activity />), { language: "de", languages: { de } });
    expect(await screen.findByText("Anmeldung fehlgeschlagen")).toBeTruthy();
    expect(screen.getByText("Chrome on macOS · 203.0.113.7")).toBeTruthy();
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
