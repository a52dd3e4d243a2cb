import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { ADA, api, PHONE, problem, ROOT } from "./fakeApi";
import { open } from "./render";

beforeEach(() => api.signedIn(ROOT));

it("isn't there for others", async () => {
  api.signedIn(ADA);
  open("/admin/users");
  expect(await screen.findByRole("heading", { name: "There is nothing here" })).toBeTruthy();
  expect(api.asked).toEqual([]);
});

describe("users", () => {
  it("are found by what is typed, once typing stops", async () => {
    api.answer("GET /api/users", { items: [ADA], next: null, total: 1 });
    const user = open("/admin/users");
    await screen.findByText("Page 1 · 1 users");
    await user.type(screen.getByLabelText("Search"), "ada");
    await waitFor(() => expect(api.inputs("GET /api/users").at(-1)?.query).toMatchObject({ q: "ada" }));
    expect(api.inputs("GET /api/users")).toHaveLength(2);
  });

  it("come in pages, forward and back", async () => {
    api.answer("GET /api/users", ({ query }: { query: { after: string | null } }) =>
      query.after === null
        ? { items: [ADA], next: "cursor", total: 2 }
        : { items: [{ ...ADA, id: "2", email: "grace@example.com" }], next: null, total: 2 },
    );
    const user = open("/admin/users");
    await user.click(await screen.findByRole("button", { name: "Next" }));
    expect(await screen.findByText("grace@example.com")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Next" }).getAttribute("aria-disabled")).toBe("true");
    await user.click(screen.getByRole("button", { name: "Previous" }));
    expect(await screen.findByText("ada@example.com")).toBeTruthy();
  });

  it("that nobody has are said to be missing", async () => {
    api.answer("GET /api/users", { items: [], next: null, total: 0 });
    open("/admin/users?q=nobody");
    expect(await screen.findByRole("heading", { name: "Nobody found" })).toBeTruthy();
  });
});

describe("a user", () => {
  beforeEach(() => {
    api.answer("GET /api/users/{user_id}", ADA);
    api.answer("GET /api/users/{user_id}/sessions", [{ ...PHONE, current: false }]);
  });

  it("is disabled, after a question", async () => {
    api.answer("PATCH /api/users/{user_id}", { ...ADA, is_active: false });
    const user = open(`/admin/users/${ADA.id}`);
    await user.click(await screen.findByRole("button", { name: "Disable" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Disable" }));
    expect(await screen.findByText("Disabled")).toBeTruthy();
    expect(api.inputs("PATCH /api/users/{user_id}")[0]?.body).toEqual({ is_active: false });
  });

  it("who is the last administrator stays one, and the dialog says why", async () => {
    api.answer("GET /api/users/{user_id}", ROOT);
    api.answer("PATCH /api/users/{user_id}", () => {
      throw problem(409, "last_superuser", { detail: "One administrator must be left." });
    });
    const user = open("/admin/users/root");
    await user.click(await screen.findByRole("button", { name: /role away/ }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Take away" }));
    expect((await screen.findByRole("alert")).textContent).toContain("One administrator must be left.");
  });

  it("is signed out everywhere", async () => {
    api.answer("DELETE /api/users/{user_id}/sessions", undefined);
    const user = open(`/admin/users/${ADA.id}`);
    await user.click(await screen.findByRole("button", { name: "Sign out all" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Sign out all" }));
    expect(await screen.findByText("Every device of the user is signed out.")).toBeTruthy();
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

  it("is made without a password, to choose their own", async () => {
    api.answer("POST /api/users", ADA);
    const user = open("/admin/users/new");
    await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
    await user.click(screen.getByRole("button", { name: "Create user" }));
    expect(await screen.findByText("ada@example.com has an account.")).toBeTruthy();
    expect(api.inputs("POST /api/users")[0]?.body).not.toHaveProperty("password");
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
    await user.type(await screen.findByLabelText(/New password/), "another good one");
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    const dialog = await screen.findByRole("dialog", { name: "Confirm that it’s you" });
    await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(screen.getByLabelText<HTMLInputElement>(/New password/).value).toBe("another good one");
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    await confirm(user);
    expect(await screen.findByText("The changes are saved.")).toBeTruthy();
    expect(api.inputs("PATCH /api/users/{user_id}").at(-1)?.body).toEqual({ password: "another good one" });
  });

  it("is a deletion", async () => {
    const user = open(`/admin/users/${ADA.id}`);
    await user.click(await screen.findByRole("button", { name: "Delete user" }));
    await user.click(screen.getByRole("button", { name: "Delete for good" }));
    await confirm(user);
    expect(await screen.findByText(`${ADA.email} is deleted.`)).toBeTruthy();
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

it("shows events, and filters them", async () => {
  const event = { id: "1", type: "login.failed", created_at: ADA.created_at, session_id: null, ip: "203.0.113.7" };
  api.answer("GET /api/admin/events", [
    { ...event, user_agent: "curl/8", device: "curl", detail: {}, user_id: ADA.id },
  ]);
  const user = open("/admin/events");
  expect(await screen.findByText("curl · 203.0.113.7")).toBeTruthy();
  await user.selectOptions(screen.getByLabelText("Event"), "login.failed");
  await waitFor(() =>
    expect(api.inputs("GET /api/admin/events").at(-1)?.query).toMatchObject({ type: "login.failed" }),
  );
  await user.type(screen.getByLabelText("User’s e-mail"), "ada@example.com{Enter}");
  await waitFor(() =>
    expect(api.inputs("GET /api/admin/events").at(-1)?.query).toMatchObject({ email: "ada@example.com" }),
  );
  await user.click(screen.getByRole("button", { name: "Clear filters" }));
  await waitFor(() => expect(api.inputs("GET /api/admin/events").at(-1)?.query).not.toHaveProperty("type"));
});
