/** A service with other providers, and a page that one of them leads back to. */
import { screen, waitFor } from "@testing-library/react";
import { type ReactNode } from "react";
import { expect, vi } from "vitest";
import { LetterPage } from "../src/index.js";
import { fakePasskeys } from "./authenticator.js";
import { ADA, json, OPTIONS, Service, show } from "./service.js";

export const LATER = "2999-01-01T00:00:00Z";
export const TOKENS = { access_token: "token", expires_in: 900 };
export const CORP = { kind: "provider", id: "corp", name: "Corp", brand: "openid", registers: true };
export const GOOGLE = { kind: "provider", id: "google", name: "Google", brand: "google", registers: false };
export const ways = [...OPTIONS.ways, CORP, GOOGLE];
export const START = "POST /api/auth/providers/corp/start";
export const FINISH = "POST /api/auth/providers/corp/finish";
export const LINK = "POST /api/auth/providers/link";
export const MAIL = "POST /api/auth/providers/link/mail";
export const NOT_LINKED = { provider: "corp", challenge: "lkl_1", methods: ["password", "mail"], email: ADA.email };

fakePasskeys();

/** The browser stays: where it goes differs in nothing but the fragment. */
export const GONE = (to = "corp"): object => {
  const { pathname, search } = window.location;
  return { url: `${pathname}${search}#${to}`, flow: "secret", expires_at: LATER };
};

/** A service with two providers. */
export function providing(options: ConstructorParameters<typeof Service>[0] = {}): Service {
  const service = new Service({ ways, ...options });
  service.answer(START, () => json(GONE()));
  service.answer(FINISH, () => json(TOKENS));
  service.answer(LINK, () => json(TOKENS));
  service.answer(MAIL, () => json({ challenge: "lkl_2", expires_at: LATER }));
  return service;
}

/** Come back from Corp, from what was begun in this tab. */
export function comeBack(begun: object = {}, said = "code=c1&state=s1"): void {
  const kept = { provider: "corp", intent: "login", returnTo: "/notes", flow: "secret", at: "", ...begun };
  sessionStorage.setItem("latchkey.provider", JSON.stringify(kept));
  window.history.replaceState(null, "", `/login/callback/corp?${said}`);
}

/** The page that providers lead back to, and where it goes on. */
export function returned(
  service: Service,
  props: Parameters<typeof show>[2] = {},
  around: (page: ReactNode) => ReactNode = (page) => page,
) {
  const navigate = vi.fn();
  return { navigate, ...show(service, around(<LetterPage>another page</LetterPage>), { navigate, ...props }) };
}

/** The button, once it can be pressed. */
export const button = async (name: string): Promise<HTMLElement> => {
  await screen.findByRole("button", { name });
  await waitFor(() => expect(screen.getByRole("button", { name }).getAttribute("aria-disabled")).toBeNull());
  return screen.getByRole("button", { name });
};
export const wentTo = (navigate: ReturnType<typeof vi.fn>, to: string): Promise<void> =>
  waitFor(() => expect(navigate).toHaveBeenCalledWith(to, { replace: true }));
