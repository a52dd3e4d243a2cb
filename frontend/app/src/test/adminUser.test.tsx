import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { ADA, api, PHONE, problem, ROOT } from "./fakeApi";
import { expectAccessible, open } from "./render";

beforeEach(() => api.signedIn(ROOT));

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
