import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ADA, api, PHONE, problem, ROOT } from "./fakeApi";
import { expectAccessible, open } from "./render";

/** The files that were handed to the person. */
let saved: { name: string; blob: Blob }[] = [];

beforeEach(() => {
  api.signedIn(ROOT);
  saved = [];
  let latest = new Blob();
  // jsdom has none of the two, and would leave the page for the link.
  vi.stubGlobal(
    "URL",
    Object.assign(URL, { createObjectURL: (blob: Blob) => (latest = blob), revokeObjectURL: () => undefined }),
  );
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push({ name: this.download, blob: latest });
  });
});
afterEach(() => vi.restoreAllMocks());

function bytesOf(blob: Blob | undefined): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(new Uint8Array(reader.result as ArrayBuffer));
    reader.readAsArrayBuffer(blob ?? new Blob());
  });
}

it("isn't there for others", async () => {
  api.signedIn(ADA);
  open("/admin/users");
  expect(await screen.findByRole("heading", { name: "There is nothing here" })).toBeTruthy();
  expect(api.asked).toEqual([]);
});

describe("users", () => {
  const GRACE = { ...ADA, id: "2", email: "grace@example.com", full_name: null };
  const inPages = (): void =>
    api.answer("GET /api/users", ({ query }: { query: { after: string | null } }) =>
      query.after === null ? { items: [ADA], next: "cursor", total: 2 } : { items: [GRACE], next: null, total: 2 },
    );
  const lastQuery = (): Record<string, unknown> | undefined => api.inputs("GET /api/users").at(-1)?.query;

  it("are found by what is typed, once typing stops", async () => {
    api.answer("GET /api/users", { items: [ADA], next: null, total: 1 });
    const user = open("/admin/users");
    await screen.findByText("Page 1 · 1 users");
    await user.type(screen.getByLabelText("Search"), "ada");
    await waitFor(() => expect(lastQuery()).toMatchObject({ q: "ada" }));
    expect(api.inputs("GET /api/users")).toHaveLength(2);
  });

  it("come newest first, and in the order of the column whose head is pressed", async () => {
    api.answer("GET /api/users", { items: [ADA], next: null, total: 1 });
    const user = open("/admin/users");
    const created = await screen.findByRole("columnheader", { name: /Created/ });
    expect(created.getAttribute("aria-sort")).toBe("descending");
    expect(lastQuery()).toMatchObject({ sort: "-created_at" });
    await user.click(within(created).getByRole("button"));
    await waitFor(() => expect(lastQuery()).toMatchObject({ sort: "created_at" }));
    await user.click(await screen.findByRole("button", { name: /Last log-in/ }));
    await waitFor(() => expect(lastQuery()).toMatchObject({ sort: "-last_login_at" }));
    await user.click(await screen.findByRole("button", { name: /^User/ }));
    await waitFor(() => expect(lastQuery()).toMatchObject({ sort: "email" }));
    const sorted = await screen.findByRole("columnheader", { name: /^User/ });
    expect(sorted.getAttribute("aria-sort")).toBe("ascending");
    expect(screen.getByRole("columnheader", { name: /Created/ }).getAttribute("aria-sort")).toBeNull();
    expect(screen.getByText("Never")).toBeTruthy();
    await expectAccessible();
  });

  it("are filtered by role and address; another filter begins at the first page", async () => {
    inPages();
    const user = open("/admin/users");
    await user.click(await screen.findByRole("button", { name: "Next" }));
    await screen.findByText("grace@example.com");
    await user.selectOptions(screen.getByLabelText("Role"), "Administrators");
    await waitFor(() => expect(lastQuery()).toMatchObject({ is_superuser: true, after: null }));
    await user.selectOptions(screen.getByLabelText("Address"), "Not confirmed");
    await waitFor(() => expect(lastQuery()).toMatchObject({ is_superuser: true, email_verified: false }));
    await user.selectOptions(screen.getByLabelText("State"), "Disabled");
    await waitFor(() => expect(lastQuery()).toMatchObject({ is_active: false }));
  });

  it("come in pages, forward and back", async () => {
    inPages();
    const user = open("/admin/users");
    await user.click(await screen.findByRole("button", { name: "Next" }));
    expect(await screen.findByText("grace@example.com")).toBeTruthy();
    expect(screen.getByText("Page 2 · 2 users")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Next" }).getAttribute("aria-disabled")).toBe("true");
    await user.click(screen.getByRole("button", { name: "Previous" }));
    expect(await screen.findByText("ada@example.com")).toBeTruthy();
  });

  it("are where they were when one comes back from one of them", async () => {
    inPages();
    api.answer("GET /api/users/{user_id}", GRACE);
    api.answer("GET /api/users/{user_id}/sessions", []);
    const user = open("/admin/users?q=example&sort=email");
    await user.click(await screen.findByRole("button", { name: "Next" }));
    await user.click(await screen.findByRole("link", { name: "grace@example.com" }));
    await screen.findByRole("heading", { name: "grace@example.com", level: 1 });
    const pages = screen.getByRole("main");
    await user.click(within(pages).getByRole("link", { name: "Users" }));
    expect(await screen.findByText("Page 2 · 2 users")).toBeTruthy();
    expect(lastQuery()).toMatchObject({ q: "example", sort: "email", after: "cursor" });
    expect(screen.getByLabelText<HTMLInputElement>("Search").value).toBe("example");
    await user.click(screen.getByRole("button", { name: "Previous" }));
    expect(await screen.findByText("Page 1 · 2 users")).toBeTruthy();
  });

  it("at a page that somebody linked to can be left for the first one", async () => {
    inPages();
    const user = open("/admin/users?after=cursor&page=7");
    expect(await screen.findByText("Page 7 · 2 users")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Previous" }));
    expect(await screen.findByText("Page 1 · 2 users")).toBeTruthy();
  });

  it("that nobody has are said to be missing", async () => {
    api.answer("GET /api/users", { items: [], next: null, total: 0 });
    open("/admin/users?q=nobody");
    expect(await screen.findByRole("heading", { name: "Nobody found" })).toBeTruthy();
  });

  it("are downloaded as they are filtered and sorted, and a refusal is said", async () => {
    api.answer("GET /api/users", { items: [ADA], next: null, total: 1 });
    let refused = false;
    api.answer("GET /api/users.csv", () =>
      refused
        ? new Response(JSON.stringify({ code: "forbidden", detail: "You may not." }), { status: 403 })
        : new Response("id\r\n"),
    );
    const user = open("/admin/users?q=ada&is_superuser=false&sort=email");
    await user.click(await screen.findByRole("button", { name: "Download CSV" }));
    await waitFor(() => expect(saved).toHaveLength(1));
    expect(saved[0]?.name).toBe("users.csv");
    const bytes = await bytesOf(saved[0]?.blob);
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(api.inputs("GET /api/users.csv")[0]?.query).toEqual({ q: "ada", is_superuser: "false", sort: "email" });
    refused = true;
    await user.click(screen.getByRole("button", { name: "Download CSV" }));
    expect((await screen.findByRole("alert")).textContent).toContain("You may not do that.");
  });
});

describe("a user", () => {
  let her = ADA;
  const becomes = (change: Partial<typeof ADA>): void =>
    api.answer("PATCH /api/users/{user_id}", () => (her = { ...her, ...change }));

  beforeEach(() => {
    her = ADA;
    api.answer("GET /api/users/{user_id}", () => her);
    api.answer("GET /api/users/{user_id}/sessions", [{ ...PHONE, current: false }]);
  });

  it("is disabled, after a question", async () => {
    becomes({ is_active: false });
    const user = open(`/admin/users/${ADA.id}`);
    await user.click(await screen.findByRole("button", { name: "Disable" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Disable" }));
    expect(await screen.findByText("Disabled")).toBeTruthy();
    expect(api.inputs("PATCH /api/users/{user_id}")[0]?.body).toEqual({ is_active: false });
  });

  it("who is the last administrator stays one, and the dialog says why", async () => {
    api.answer("GET /api/users/{user_id}", ROOT);
    api.answer("PATCH /api/users/{user_id}", () => {
      throw problem(409, "last_superuser");
    });
    const user = open("/admin/users/root");
    await user.click(await screen.findByRole("button", { name: /role away/ }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Take away" }));
    const said = await screen.findByText("This is the last administrator: there has to be one.");
    expect(said.closest("[role=alert]")).toBeTruthy();
  });

  it("is logged out everywhere", async () => {
    api.answer("DELETE /api/users/{user_id}/sessions", undefined);
    const user = open(`/admin/users/${ADA.id}`);
    await user.click(await screen.findByRole("button", { name: "Log out all" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Log out all" }));
    expect(await screen.findByText("Every device of the user is logged out.")).toBeTruthy();
  });

  it("is changed in what was changed, and nothing else", async () => {
    api.answer("PATCH /api/users/{user_id}", ADA);
    const user = open(`/admin/users/${ADA.id}`);
    const name = await screen.findByLabelText(/Full name/);
    await user.clear(name);
    await user.type(name, "Ada King");
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    await waitFor(() => expect(api.inputs("PATCH /api/users/{user_id}")[0]?.body).toEqual({ full_name: "Ada King" }));
  });

  it("keeps what is half typed when another button is pressed", async () => {
    becomes({ is_active: false, updated_at: "2026-11-24T09:10:07Z" });
    const user = open(`/admin/users/${ADA.id}`);
    await user.type(await screen.findByLabelText(/Full name/), ", Countess");
    await user.type(screen.getByLabelText(/^New password/), "half of a pass");
    await user.click(screen.getByRole("button", { name: "Disable" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Disable" }));
    expect(await screen.findByText("The user is disabled.")).toBeTruthy();
    expect(screen.getByLabelText<HTMLInputElement>(/Full name/).value).toBe("Ada Lovelace, Countess");
    expect(screen.getByLabelText<HTMLInputElement>(/^New password/).value).toBe("half of a pass");
    becomes({ full_name: "Ada Lovelace, Countess" });
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    await screen.findByText("The changes are saved.");
    expect(screen.getByLabelText<HTMLInputElement>(/^New password/).value).toBe("");
    expect(screen.getByLabelText<HTMLInputElement>(/Full name/).value).toBe("Ada Lovelace, Countess");
  });

  it("that isn’t there is no reason to try again", async () => {
    api.answer("GET /api/users/{user_id}", () => {
      throw problem(404, "not_found");
    });
    open(`/admin/users/${ADA.id}`);
    expect(await screen.findByRole("heading", { name: "There is no such user" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
    expect(within(screen.getByRole("main")).getByRole("link", { name: "Users" })).toBeTruthy();
  });

  it("is explained when somebody asks why they were logged out", async () => {
    api.answer("GET /api/users/{user_id}/explanation", {
      sessions: [
        { session_id: "s1", verdict: "ended", text: "An administrator set a new password.", reason: "password_set" },
        ...Array.from({ length: 6 }, (_, number) => ({
          session_id: `old${number}`,
          verdict: "expired",
          text: "It was not used for too long.",
          reason: "expired",
        })),
      ],
      entries: [
        { at: ADA.created_at, type: "user.updated", text: "A new password.", session_id: "s1", request_id: null },
        { at: ADA.created_at, type: "login.succeeded", text: "Logged in.", session_id: "s1", request_id: null },
      ],
    });
    const user = open(`/admin/users/${ADA.id}`);
    await screen.findByRole("button", { name: "Explain" });
    expect(api.inputs("GET /api/users/{user_id}/explanation")).toHaveLength(0);
    await user.click(screen.getByRole("button", { name: "Explain" }));
    expect(await screen.findByText("An administrator set a new password.")).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Why were they logged out?" }));
    expect(screen.getAllByText("It was not used for too long.")).toHaveLength(4);
    const more = screen.getByRole("button", { name: "Show all 7 sessions" });
    await user.click(more);
    expect(document.activeElement).toBe(more);
    expect(screen.getAllByText("It was not used for too long.")).toHaveLength(6);
    expect(screen.getByText("Everything on record (2)")).toBeTruthy();
    await expectAccessible();
  });

  it("is made without a password, to choose their own; the e-mail can be sent again", async () => {
    api.answer("POST /api/users", ADA);
    api.answer("POST /api/users/{user_id}/letter", { letter: "set_password" });
    const user = open("/admin/users/new");
    await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
    await user.click(screen.getByRole("button", { name: "Create user" }));
    expect(await screen.findByText("ada@example.com has an account.")).toBeTruthy();
    expect(api.inputs("POST /api/users")[0]?.body).not.toHaveProperty("password");
    const said = "An e-mail with a link to choose a password is on its way to ada@example.com.";
    expect(await screen.findByText(said)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Send it again" }));
    await waitFor(() => expect(screen.getAllByText(said)).toHaveLength(2));
    expect(api.inputs("POST /api/users/{user_id}/letter")).toHaveLength(1);
  });
});

describe("what an administrator changes for good", () => {
  let fresh = false;
  const onceFresh =
    <T,>(result: T) =>
    (): T => {
      if (!fresh) throw problem(403, "reauthentication_required");
      fresh = false; // as with FRESH_SESSION_MINUTES=0: each call asks
      return result;
    };
  const confirm = async (user: ReturnType<typeof open>): Promise<void> => {
    const dialog = await screen.findByRole("dialog", { name: "Confirm that it’s you" });
    await user.type(within(dialog).getByLabelText("Password"), "my own password{Enter}");
  };

  beforeEach(() => {
    fresh = false;
    api.answer("GET /api/users/{user_id}", ADA);
    api.answer("GET /api/users/{user_id}/sessions", []);
    api.answer("PATCH /api/users/{user_id}", onceFresh(ADA));
    api.answer("DELETE /api/users/{user_id}", onceFresh(undefined));
    api.answer("POST /api/users", onceFresh(ADA));
    api.answer("GET /api/users", { items: [], next: null, total: 0 });
    api.answer("POST /api/auth/reauthenticate", () => {
      fresh = true;
    });
  });

  it("is a role: the password is asked for, and the role changed", async () => {
    const user = open(`/admin/users/${ADA.id}`);
    await user.click(await screen.findByRole("button", { name: "Make administrator" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Make administrator" }));
    await confirm(user);
    expect(await screen.findByText("The user is an administrator.")).toBeTruthy();
    expect(api.inputs("PATCH /api/users/{user_id}")).toHaveLength(2);
  });

  it("is a password or an address, and what was typed is still there when it is called off", async () => {
    const user = open(`/admin/users/${ADA.id}`);
    await user.type(await screen.findByLabelText(/^New password/), "another good one");
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    const dialog = await screen.findByRole("dialog", { name: "Confirm that it’s you" });
    await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(screen.getByLabelText<HTMLInputElement>(/^New password/).value).toBe("another good one");
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    await confirm(user);
    expect(await screen.findByText("The changes are saved.")).toBeTruthy();
    expect(api.inputs("PATCH /api/users/{user_id}").at(-1)?.body).toEqual({ password: "another good one" });
  });

  it("is a deletion, for which the address has to be typed", async () => {
    const user = open(`/admin/users/${ADA.id}`);
    await user.type(await screen.findByLabelText(/Full name/), " half typed");
    await user.click(await screen.findByRole("button", { name: "Delete user" }));
    const address = await screen.findByLabelText("E-mail address of the user");
    expect(document.activeElement).toBe(address);
    await user.type(address, "grace@example.com{Enter}");
    expect(await screen.findByText("This is not the user’s e-mail address.")).toBeTruthy();
    expect(api.inputs("DELETE /api/users/{user_id}")).toHaveLength(0);
    await user.clear(address);
    await user.type(address, ` ${ADA.email.toUpperCase()}`);
    await user.click(screen.getByRole("button", { name: "Delete for good" }));
    await confirm(user);
    expect(await screen.findByText(`${ADA.email} is deleted.`)).toBeTruthy();
    expect(await screen.findByRole("heading", { name: "Users", level: 1 })).toBeTruthy();
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("is a new account", async () => {
    const user = open("/admin/users/new");
    await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
    await user.click(screen.getByRole("button", { name: "Create user" }));
    await confirm(user);
    expect(await screen.findByText("ada@example.com has an account.")).toBeTruthy();
    expect(api.inputs("POST /api/users")).toHaveLength(2);
  });
});

describe("statistics", () => {
  it("are drawn, and are there as a table", async () => {
    const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000).toISOString();
    api.answer("GET /api/admin/statistics", {
      step: "hour",
      series: [{ name: "login.succeeded", points: [{ at: hour, value: 7 }] }],
    });
    open("/admin/statistics");
    expect(await screen.findByText("7 succeeded, 0 failed.")).toBeTruthy();
    const table = screen.getByRole("region", { name: "Numbers: Log-ins, succeeded and failed", hidden: true });
    const last = within(table).getAllByRole("row", { hidden: true }).at(-1);
    expect(last?.textContent).toMatch(/70$/);
  });

  it("come by the day, too", async () => {
    api.answer("GET /api/admin/statistics", { step: "hour", series: [] });
    const user = open("/admin/statistics");
    await user.click(await screen.findByRole("button", { name: "Days" }));
    await waitFor(() => expect(api.inputs("GET /api/admin/statistics").at(-1)?.query).toMatchObject({ step: "day" }));
  });
});

describe("events", () => {
  const failed = {
    id: "1",
    type: "login.failed",
    created_at: ADA.created_at,
    session_id: null,
    ip: "203.0.113.7",
    user_agent: "curl/8",
    device: "curl",
    detail: {},
    user_id: ADA.id,
    user_email: ADA.email,
    user_name: ADA.full_name,
    actor_id: null,
    actor_email: null,
    actor_name: null,
    request_id: null,
  };
  const lastQuery = (): Record<string, unknown> | undefined => api.inputs("GET /api/admin/events").at(-1)?.query;

  it("name people, and are filtered by person, kind, place and time", async () => {
    api.answer("GET /api/admin/events", [failed]);
    const user = open("/admin/events");
    expect(await screen.findByText("curl · 203.0.113.7")).toBeTruthy();
    expect(screen.getByRole("link", { name: ADA.email }).getAttribute("href")).toBe(`/admin/users/${ADA.id}`);
    expect(screen.queryByText(new RegExp(ADA.id))).toBeNull();
    await user.selectOptions(screen.getByLabelText("Event"), "login.failed");
    await waitFor(() => expect(lastQuery()).toMatchObject({ type: "login.failed" }));
    await user.type(screen.getByLabelText(/^Person/), "ada@example.com{Enter}");
    await waitFor(() => expect(lastQuery()).toMatchObject({ email: "ada@example.com" }));
    await user.clear(screen.getByLabelText(/^Person/));
    await user.type(screen.getByLabelText(/^Person/), `${ADA.id}{Enter}`);
    await waitFor(() => expect(lastQuery()).toMatchObject({ user_id: ADA.id }));
    await user.click(screen.getByRole("button", { name: "Clear filters" }));
    await waitFor(() => expect(screen.getByLabelText<HTMLSelectElement>("Event").value).toBe("")); // its list is known
    expect(screen.getByLabelText<HTMLInputElement>(/^Person/).value).toBe("");
    await expectAccessible();
  });

  it("that are alike and neighbours are one; each of them is there when it is asked for", async () => {
    const other = { ...failed, id: "4", type: "login.succeeded" };
    const again = ["1", "2", "3"].map((id) => ({ ...failed, id }));
    api.answer("GET /api/admin/events", [...again, other, { ...failed, id: "5" }]);
    const user = open("/admin/events");
    expect(await screen.findByText("3 times")).toBeTruthy();
    const list = screen.getByRole("region", { name: "Events" });
    expect(within(list).getAllByText("Failed log-in")).toHaveLength(2);
    await user.click(within(list).getByText(/when each was/));
    expect(within(list).getAllByRole("listitem")).toHaveLength(3 + 3);
  });

  it("of those who are gone say so", async () => {
    const gone = { ...failed, type: "user.updated", user_email: null, user_name: null };
    api.answer("GET /api/admin/events", [
      { ...gone, id: "1", actor_id: "00000000-0000-0000-0000-000000000000" },
      { ...gone, id: "2", user_id: null, actor_id: ROOT.id, actor_email: ROOT.email, actor_name: "Root" },
      { ...gone, id: "3", user_id: null, ip: null, user_agent: null, device: null },
    ]);
    open("/admin/events");
    expect(await screen.findByText("an account that is gone · by an administrator who is gone")).toBeTruthy();
    expect(screen.getByRole("link", { name: ROOT.email }).parentElement?.textContent).toBe(
      "By root@example.com (Root)",
    );
    expect(screen.getByText("No account, or one that is gone")).toBeTruthy();
  });

  it("are downloaded as they are filtered", async () => {
    api.answer("GET /api/admin/events", [failed]);
    api.answer("GET /api/admin/events.csv", () => new Response("id\r\n"));
    const user = open("/admin/events?type=login.failed&person=ada@example.com&ip=203.0.113.7");
    await user.click(await screen.findByRole("button", { name: "Download CSV" }));
    await waitFor(() => expect(saved[0]?.name).toBe("events.csv"));
    const wanted = { type: "login.failed", email: "ada@example.com", ip: "203.0.113.7" };
    expect(api.inputs("GET /api/admin/events.csv")[0]?.query).toEqual(wanted);
  });
});
