import { screen, waitFor } from "@testing-library/react";
import { StrictMode } from "react";
import { describe, expect, it } from "vitest";
import { LetterPage, SignIn, SignUp } from "../src/index.js";
import { de } from "../src/messages/de.js";
import { expectAccessible, json, problem, show } from "./service.js";
import {
  LATER,
  TOKENS,
  CORP,
  START,
  FINISH,
  GONE,
  providing,
  comeBack,
  returned,
  button,
  wentTo,
} from "./providing.js";

describe("logging in with another provider", () => {
  it("is a button for each, and goes there; the page itself is come back to where nothing leads away", async () => {
    const service = providing();
    window.history.replaceState(null, "", "/notes?page=2");
    const { user } = show(service, <SignIn />);
    await button("Continue with Google");
    await expectAccessible();
    await user.click(await button("Continue with Corp"));
    await waitFor(() => expect(window.location.hash).toBe("#corp"));
    expect(service.bodies(START)).toEqual([{ intent: "login", return_to: "/notes?page=2" }]);
  });

  it("leads where the part says", async () => {
    const service = providing();
    const { user } = show(service, <SignIn after="/welcome" />);
    await user.click(await button("Continue with Corp"));
    await waitFor(() => expect(service.bodies(START)).toEqual([{ intent: "login", return_to: "/welcome" }]));
  });

  it("leads home by itself, and Google makes no accounts here", async () => {
    const service = providing();
    const { user } = show(service, <SignUp />, { links: { account: "/home" } });
    await user.click(await button("Continue with Corp"));
    await waitFor(() => expect(service.bodies(START)).toEqual([{ intent: "login" }]));
    expect(screen.queryByRole("button", { name: "Continue with Google" })).toBeNull();
  });

  it("says when the provider is away, in German too, and can be pressed again", async () => {
    const service = providing();
    service.answer(START, () => problem(502, "provider_failed", { provider: "corp" }));
    const { user } = show(service, <SignIn />, { language: "de", languages: { de } });
    await user.click(await button("Weiter mit Corp"));
    expect(await screen.findByText(/^Corp hat nicht geantwortet, wie es sollte/)).toBeTruthy();
    service.answer(START, () => json(GONE()));
    await user.click(await button("Weiter mit Corp"));
    await waitFor(() => expect(window.location.hash).toBe("#corp"));
    expect(screen.queryByText(/^Corp hat nicht geantwortet/)).toBeNull();
  });

  it("is a way in by itself, and makes accounts where forms don’t", async () => {
    show(providing({ ways: [CORP] }), <SignIn />);
    await button("Continue with Corp");
    expect(screen.queryByText("There is no way to log in here at the moment.")).toBeNull();
    show(providing({ ways: [CORP], registration: "closed" }), <SignUp />);
    await waitFor(() => expect(screen.getAllByRole("button", { name: "Continue with Corp" })).toHaveLength(2));
    expect(screen.queryByText("New accounts can’t be created here.")).toBeNull();
    expect(screen.queryByLabelText("Full name")).toBeNull();
  });
});

describe("the page that a provider leads back to", () => {
  it("logs in once, also in StrictMode, and goes on; the address says nothing any more", async () => {
    comeBack();
    const service = providing();
    const { navigate } = returned(service, {}, (page) => <StrictMode>{page}</StrictMode>);
    await wentTo(navigate, "/notes");
    expect(window.location.href).toMatch(/\/login\/callback\/corp$/);
    expect(service.bodies(FINISH)).toEqual([{ code: "c1", state: "s1", flow: "secret" }]);
  });

  it("goes home where nothing else was said", async () => {
    comeBack({ returnTo: null });
    const { navigate } = returned(providing(), { links: { account: "/home" } });
    await wentTo(navigate, "/home");
  });

  it("asks for the second step, and goes on after it", async () => {
    comeBack();
    const service = providing();
    service.answer(FINISH, () =>
      problem(403, "second_factor_required", { challenge: "lkc_1", methods: ["totp"], expires_at: LATER }),
    );
    service.answer("POST /api/auth/second-factor", () => json(TOKENS));
    const { user, navigate, rerender } = returned(service);
    await user.click(await button("Begin again"));
    await button("Try again with Corp");
    expect(screen.getAllByRole("alert").map(({ textContent }) => textContent)).toEqual([""]);
    comeBack({}, "code=c2&state=s2");
    rerender(null);
    rerender(<LetterPage />);
    await user.type(await screen.findByLabelText("Code of the app"), "271828{Enter}");
    await wentTo(navigate, "/notes");
    expect(sessionStorage.getItem("latchkey.provider")).toBeNull();
  });

  it.each([
    ["error=access_denied&state=s1", "You have called it off at Corp. Nothing has changed."],
    ["error=server_error&state=s1", /^Corp hasn’t answered as it should/],
  ])("says of %s what it means, and begins again with what was wanted", async (said, sentence) => {
    comeBack({}, said);
    const service = providing();
    const { user } = returned(service, { links: { signIn: "/in" } });
    expect(await screen.findByText(sentence)).toBeTruthy();
    expect(screen.getByRole("heading", { name: "Continue with Corp" })).toBeTruthy();
    expect(screen.getByRole("link", { name: "To the log-in page" }).getAttribute("href")).toBe("/in");
    await expectAccessible();
    await user.click(await button("Try again with Corp"));
    await waitFor(() => expect(service.bodies(START)).toEqual([{ intent: "login", return_to: "/notes" }]));
    expect(service.bodies(FINISH)).toEqual([]);
  });

  it.each([
    [400, "invalid_grant", /^This was begun in another tab or browser/],
    [403, "forbidden", /opens no account here, and new ones can’t be created with it/],
    [403, "inactive_user", "This account has been disabled."],
  ])("says of %d %s what it means", async (status, code, sentence) => {
    comeBack();
    const service = providing();
    service.answer(FINISH, () => problem(status, code));
    returned(service);
    expect(await screen.findByText(sentence)).toBeTruthy();
    await button("Try again with Corp");
    expect(service.bodies(FINISH)).toHaveLength(1);
  });

  it.each([
    [503, "unavailable", "The service can’t answer at the moment. Nothing was lost."],
    [502, "provider_failed", /^Corp hasn’t answered as it should/],
  ])("asks once more after %d %s", async (status, code, sentence) => {
    comeBack();
    const service = providing();
    service.answer(FINISH, () => problem(status, code));
    const { user, navigate } = returned(service);
    expect(await screen.findByText(sentence)).toBeTruthy();
    const again = await button("Try again");
    service.answer(FINISH, () => json(TOKENS));
    await user.click(again);
    await wentTo(navigate, "/notes");
  });

  it("goes on where it was loaded anew after it had logged in", async () => {
    comeBack();
    const service = providing();
    service.answer("POST /api/auth/refresh", () => json(TOKENS));
    service.answer(FINISH, () => problem(400, "invalid_grant"));
    const { navigate } = returned(service);
    await wentTo(navigate, "/notes");
  });

  it("is another page’s address without one", async () => {
    window.history.replaceState(null, "", "/login/callback/");
    returned(providing());
    expect(await screen.findByText("another page")).toBeTruthy();
  });
});
