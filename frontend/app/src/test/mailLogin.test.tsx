import { screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { ADA, api, OPTIONS, problem } from "./fakeApi";
import { expectAccessible, open } from "./render";

const START = "POST /api/auth/email/start";
const FINISH = "POST /api/auth/email/finish";
const LOOK = "POST /api/auth/email/look";
const offer = (code: boolean, link = true): void => {
  const ways = [{ kind: "password" }, { kind: "mail", code, link, registers: false }];
  api.answer("GET /api/auth/options", { ...OPTIONS, ways });
};
const ASKED = { email: ADA.email, at: "2026-11-26T09:10:00Z", ip: "203.0.113.7", browser: "Firefox on Linux" };

beforeEach(() => {
  sessionStorage.clear();
  offer(true);
  api.answer(START, { challenge: "lkm_challenge", expires_in: 1200 });
});

const asking = async () => {
  const user = open("/login/mail");
  await user.type(await screen.findByLabelText("E-mail"), ADA.email);
  await user.click(screen.getByRole("button", { name: "Send the e-mail" }));
  return user;
};

describe("the log-in page", () => {
  it("offers it where the service does", async () => {
    open("/login");
    expect(await screen.findByRole("button", { name: "Log in by e-mail" })).toBeTruthy();
    await expectAccessible();
  });

  it("doesn't where the service doesn't, or can't be asked", async () => {
    api.answer("GET /api/auth/options", OPTIONS);
    open("/login");
    expect(await screen.findByLabelText("Password")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Log in by e-mail" })).toBeNull();
  });
});

describe("logging in by mail", () => {
  it("takes the code, with the challenge that this tab has", async () => {
    api.answer(FINISH, ADA);
    api.answer("GET /api/sessions", []);
    const user = await asking();
    const code = await screen.findByLabelText<HTMLInputElement>("Code");
    expect(code.autocomplete).toBe("one-time-code");
    expect(code.inputMode).toBe("numeric");
    await expectAccessible();
    await user.type(code, "271 828");
    await user.click(screen.getByRole("button", { name: "Log in" }));
    await waitFor(() => expect(api.state.status).toBe("signed_in"));
    expect(api.inputs(FINISH)).toEqual([{ body: { challenge: "lkm_challenge", code: "271828" } }]);
    expect(sessionStorage.getItem("latchkey.mail")).toBeNull();
  });

  it("says that a code was wrong, at the field, and lets one try again", async () => {
    api.answer(FINISH, () => {
      throw problem(400, "invalid_code");
    });
    const user = await asking();
    await user.type(await screen.findByLabelText("Code"), "000000");
    await user.click(screen.getByRole("button", { name: "Log in" }));
    expect(await screen.findByText("This code is not valid.")).toBeTruthy();
    expect(screen.getByLabelText("Code").getAttribute("aria-invalid")).toBe("true");
  });

  it("begins again by itself when it is over", async () => {
    api.answer(FINISH, () => {
      throw problem(400, "invalid_challenge");
    });
    const user = await asking();
    await user.type(await screen.findByLabelText("Code"), "000000");
    await user.click(screen.getByRole("button", { name: "Log in" }));
    expect(await screen.findByText("That log-in is over")).toBeTruthy();
    expect(screen.getByLabelText("E-mail")).toBeTruthy();
  });

  it("survives that the page is loaded anew, and is over when its time is", async () => {
    const until = Date.now() + 60_000;
    const kept = { email: ADA.email, challenge: "lkm_kept", until };
    sessionStorage.setItem("latchkey.mail", JSON.stringify(kept));
    open("/login/mail");
    expect(await screen.findByLabelText("Code")).toBeTruthy();
    sessionStorage.setItem("latchkey.mail", JSON.stringify({ ...kept, until: 1 }));
  });

  it("asks for no code where letters have links alone", async () => {
    offer(false);
    await asking();
    expect(await screen.findByText(/Open the link in it/)).toBeTruthy();
    expect(screen.queryByLabelText("Code")).toBeNull();
  });
});

describe("the link of a letter", () => {
  it("shows who asked, and logs in when it is pressed, not before", async () => {
    api.answer(LOOK, ASKED);
    api.answer(FINISH, ADA);
    const user = open("/login/link#token=secret");
    expect(window.location.href).not.toContain("secret");
    expect(await screen.findByText("Firefox on Linux")).toBeTruthy();
    expect(screen.getByText("203.0.113.7")).toBeTruthy();
    expect(screen.getByText(ADA.email)).toBeTruthy();
    await expectAccessible();
    expect(api.inputs(FINISH)).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Log in" }));
    await waitFor(() => expect(api.inputs(FINISH)).toEqual([{ body: { token: "secret" } }]));
  });

  it.each(["invalid_challenge", "not_found"])("says that it is no good: %s", async (code) => {
    api.answer(LOOK, () => {
      throw problem(400, code);
    });
    open("/login/link#token=secret");
    expect(await screen.findByText("This link is no good any more")).toBeTruthy();
  });
});
