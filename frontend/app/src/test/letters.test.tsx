import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { api, problem } from "./fakeApi";
import { open } from "./render";

const used = () => {
  throw problem(400, "invalid_token");
};

describe.each([
  ["/confirm-email", "Use the new address", "POST /api/auth/email/confirm", /the new address is yours/],
  ["/undo-email-change", "Take it back", "POST /api/auth/email/undo", /this address is yours again/],
])("the link to %s", (path, action, call, done) => {
  it("does nothing before the reader says so, and keeps its token out of the address bar", async () => {
    api.answer(call, undefined);
    const user = open(`${path}#token=secret`);
    expect(window.location.href).not.toContain("secret");
    expect(api.asked).toEqual([]);
    await user.click(await screen.findByRole("button", { name: action }));
    expect(await screen.findByText(done)).toBeTruthy();
    expect(api.inputs(call)).toEqual([{ body: { token: "secret" } }]);
  });

  it("says that it is no good when it was used", async () => {
    api.answer(call, used);
    const user = open(`${path}#token=secret`);
    await user.click(await screen.findByRole("button", { name: action }));
    expect(await screen.findByText("This link is no good any more")).toBeTruthy();
  });
});

describe("the link that confirms an address", () => {
  const CALL = "POST /api/auth/email/verify";

  it("asks for the password, and keeps its token out of the address bar", async () => {
    api.answer(CALL, undefined);
    const user = open("/verify-email#token=secret");
    expect(window.location.href).not.toContain("secret");
    await user.click(await screen.findByRole("button", { name: "Confirm my address" }));
    expect(api.asked).toEqual([]);
    await user.type(await screen.findByLabelText("Password"), "my own good one");
    await user.click(screen.getByRole("button", { name: "Confirm my address" }));
    expect(await screen.findByText("Your address is confirmed.")).toBeTruthy();
    expect(api.inputs(CALL)).toEqual([{ body: { token: "secret", password: "my own good one" } }]);
  });

  it("stays good when the password was wrong, and lets the reader choose one", async () => {
    api.answer(CALL, ({ body }: { body: object }) => {
      if ("password" in body) throw problem(400, "invalid_grant");
    });
    const user = open("/verify-email#token=secret");
    await user.type(await screen.findByLabelText("Password"), "somebody else's");
    await user.click(screen.getByRole("button", { name: "Confirm my address" }));
    expect(await screen.findByText("Incorrect password.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: /choose a new one/ }));
    expect(screen.queryByText("Incorrect password.")).toBeNull();
    await user.type(screen.getByLabelText("New password"), "another good one");
    await user.click(screen.getByRole("button", { name: "Confirm and set password" }));
    expect(await screen.findByText("Your address is confirmed, and your password is set.")).toBeTruthy();
    expect(api.inputs(CALL)[1]).toEqual({ body: { token: "secret", new_password: "another good one" } });
  });

  it("offers another letter when it is no good", async () => {
    api.answer(CALL, used);
    const user = open("/verify-email#token=secret");
    await user.type(await screen.findByLabelText("Password"), "my own good one");
    await user.click(screen.getByRole("button", { name: "Confirm my address" }));
    expect(await screen.findByText("This link is no good any more")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Send the e-mail" })).toBeTruthy();
  });

  it("tells a reader who is signed in whether they still are", async () => {
    api.signedIn();
    api.answer(CALL, undefined);
    api.answer("GET /api/users/me", used);
    const user = open("/verify-email#token=secret");
    await user.type(await screen.findByLabelText("Password"), "my own good one");
    await user.click(screen.getByRole("button", { name: "Confirm my address" }));
    expect(await screen.findByText("Your address is confirmed.")).toBeTruthy();
  });
});

describe("a forgotten password", () => {
  it("gets the same answer whoever asks", async () => {
    api.answer("POST /api/auth/password/forgot", undefined);
    const user = open("/forgot-password");
    await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
    await user.click(screen.getByRole("button", { name: "Send the link" }));
    expect(await screen.findByText(/If there is an account for/)).toBeTruthy();
  });

  it("is set anew with the link, and then the reader logs in", async () => {
    api.answer("POST /api/auth/password/reset", undefined);
    const user = open("/reset-password#token=secret");
    await user.type(await screen.findByLabelText("New password"), "another good one");
    await user.click(screen.getByRole("button", { name: "Set password" }));
    expect(await screen.findByText("Your password is set. Log in with it.")).toBeTruthy();
    expect(api.inputs("POST /api/auth/password/reset")).toEqual([
      { body: { token: "secret", password: "another good one" } },
    ]);
  });

  it("needs a new link when this one is no good", async () => {
    api.answer("POST /api/auth/password/reset", used);
    const user = open("/reset-password#token=secret");
    await user.type(await screen.findByLabelText("New password"), "another good one");
    await user.click(screen.getByRole("button", { name: "Set password" }));
    expect(await screen.findByRole("link", { name: "Ask for a new one" })).toBeTruthy();
  });
});
