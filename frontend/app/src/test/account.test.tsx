import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { api, LAPTOP, PHONE, problem } from "./fakeApi";
import { open } from "./render";

beforeEach(() => api.signedIn());

describe("devices", () => {
  beforeEach(() => api.answer("GET /api/sessions", [LAPTOP, PHONE]));

  it("are ended one at a time, after a question", async () => {
    api.answer("DELETE /api/sessions/{session_id}", undefined);
    const user = open("/devices");
    const button = await screen.findByRole("button", { name: /Sign out Mobile Safari on iOS/ });
    await user.click(button);
    const dialog = screen.getByRole("dialog", { name: "Sign out Mobile Safari on iOS?" });
    await user.click(within(dialog).getByRole("button", { name: "Sign out" }));
    expect(await screen.findByText("Mobile Safari on iOS is signed out.")).toBeTruthy();
    expect(api.inputs("DELETE /api/sessions/{session_id}")).toEqual([{ path: { session_id: "phone" } }]);
    await waitFor(() => expect(api.inputs("GET /api/sessions")).toHaveLength(2));
  });

  it("stay as they are when the reader thinks better of it, and the focus goes back", async () => {
    const user = open("/devices");
    const button = await screen.findByRole("button", { name: "Sign out all others" });
    await user.click(button);
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Cancel" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(document.activeElement).toBe(button);
    expect(api.inputs("DELETE /api/sessions")).toEqual([]);
  });

  it("are all ended but this one", async () => {
    api.answer("DELETE /api/sessions", undefined);
    const user = open("/devices");
    await user.click(await screen.findByRole("button", { name: "Sign out all others" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Sign out all others" }));
    expect(await screen.findByText("All other devices are signed out.")).toBeTruthy();
  });

  it("are all ended, this one too", async () => {
    api.answer("POST /api/auth/logout-all", undefined);
    const user = open("/devices");
    await user.click(await screen.findByRole("button", { name: "Sign out everywhere" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Sign out everywhere" }));
    expect(await screen.findByRole("heading", { name: "Log in" })).toBeTruthy();
  });

  it("are asked for again by itself while the service is away", async () => {
    let away = true;
    api.answer("GET /api/sessions", () => {
      if (away) throw problem(503, "unavailable", { retryAfter: 1 });
      return [LAPTOP];
    });
    open("/devices");
    expect(await screen.findByText(/Retrying/)).toBeTruthy();
    away = false;
    expect(await screen.findByText("Firefox on Linux", undefined, { timeout: 3000 })).toBeTruthy();
    expect(screen.queryByText(/Retrying/)).toBeNull();
  });
});

describe("step-up", () => {
  const change = async (user: ReturnType<typeof open>): Promise<HTMLElement> => {
    await user.type(screen.getByLabelText("New password"), "another good one");
    await user.click(screen.getByRole("button", { name: "Change password" }));
    return screen.findByRole("dialog", { name: "Confirm that it’s you" });
  };
  let fresh = false;

  beforeEach(() => {
    fresh = false;
    api.answer("PUT /api/users/me", () => {
      if (!fresh) throw problem(403, "reauthentication_required");
      return {};
    });
    api.answer("POST /api/auth/reauthenticate", ({ body }: { body: { password: string } }) => {
      if (body.password !== "old one") throw problem(400, "invalid_grant", { detail: "Incorrect email or password" });
      fresh = true;
    });
  });

  it("asks for the password, and then does what was asked", async () => {
    const user = open("/password");
    const dialog = await change(user);
    const field = within(dialog).getByLabelText("Password");
    expect(document.activeElement).toBe(field);
    await user.type(field, "old one{Enter}");
    expect(await screen.findByText(/Your password is changed/)).toBeTruthy();
    expect(api.inputs("PUT /api/users/me").map(({ body }) => body)).toEqual([
      { password: "another good one" },
      { password: "another good one", current_password: "old one" },
    ]);
    expect(screen.getByLabelText<HTMLInputElement>("New password").value).toBe("");
  });

  it("goes on asking after a wrong one", async () => {
    const user = open("/password");
    const dialog = await change(user);
    await user.type(within(dialog).getByLabelText("Password"), "wrong{Enter}");
    expect(await within(dialog).findByText("Incorrect email or password")).toBeTruthy();
    expect(api.inputs("PUT /api/users/me")).toHaveLength(1);
  });

  it("does nothing when it is called off", async () => {
    const user = open("/password");
    const dialog = await change(user);
    await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(api.inputs("PUT /api/users/me")).toHaveLength(1);
    expect(screen.queryByRole("alert")).toBeNull();
  });
});

describe("the account", () => {
  it("gets another name", async () => {
    api.answer("PUT /api/users/me", {});
    api.answer("GET /api/users/me", { ...LAPTOP, full_name: "Ada King" });
    const user = open("/profile");
    const field = screen.getByLabelText(/Full name/);
    await user.clear(field);
    await user.type(field, " Ada King ");
    await user.click(screen.getByRole("button", { name: "Save name" }));
    expect(await screen.findByText("Your name is saved.")).toBeTruthy();
    expect(api.inputs("PUT /api/users/me")).toEqual([{ body: { full_name: "Ada King" } }]);
  });

  it("gets another address only through a letter", async () => {
    api.answer("POST /api/users/me/email", undefined);
    const user = open("/profile");
    await user.click(screen.getByRole("button", { name: "Change address" }));
    await user.type(screen.getByLabelText("New address"), "ada@example.org{Enter}");
    expect(await screen.findByText("We have written to ada@example.org")).toBeTruthy();
    expect(screen.getAllByText("ada@example.com").length).toBeGreaterThan(0);
  });

  it("is deleted after a question, and its reader is told that it was", async () => {
    api.answer("DELETE /api/users/me", undefined);
    api.answer("GET /api/users/me", () => {
      api.become({ status: "signed_out", reason: "user_deleted" });
      throw problem(401, "invalid_token");
    });
    const user = open("/your-data");
    await user.click(screen.getByRole("button", { name: "Delete my account" }));
    await user.click(screen.getByRole("button", { name: "Delete for good" }));
    expect(await screen.findByText("This account has been deleted.")).toBeTruthy();
  });

  it("that is the last administrator's stays, with the service's own words", async () => {
    api.answer("DELETE /api/users/me", () => {
      throw problem(409, "last_superuser", { detail: "The last active superuser can't be deleted." });
    });
    const user = open("/your-data");
    await user.click(screen.getByRole("button", { name: "Delete my account" }));
    await user.click(screen.getByRole("button", { name: "Delete for good" }));
    expect((await screen.findByRole("alert")).textContent).toContain("The last active superuser");
  });
});
