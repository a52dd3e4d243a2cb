/** Passkeys as a browser has them, and a service that asks for them: for tests. */
import { screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { SignIn, SignedIn } from "../src/index.js";
import { ADA, json, OPTIONS, Service, show } from "./service.js";

export const LATER = "2999-01-01T00:00:00Z";
export const TOKENS = { access_token: "token", expires_in: 900 };
export const CODES = ["AAAAA-AAAA-AAAA", "BBBBB-BBBB-BBBB"];
export const ASKED = { challenge: "AQID", rpId: "localhost", timeout: 300_000, userVerification: "required" };
export const CREATION = {
  rp: { id: "localhost", name: "Latchkey" },
  user: { id: "AQID", name: ADA.email, displayName: ADA.full_name },
  challenge: "AQID",
  pubKeyCredParams: [],
  timeout: 300_000,
  excludeCredentials: [],
  authenticatorSelection: {},
  attestation: "none",
  extensions: {},
};
export const SHOWN = { rawId: "AQ", type: "public-key", response: {} };
export const credential = { toJSON: () => SHOWN };

export const get = vi.fn<(asked: CredentialRequestOptions) => Promise<unknown>>();
export const create = vi.fn<(asked: CredentialCreationOptions) => Promise<unknown>>();
export const cancelled = (): DOMException => new DOMException("no", "NotAllowedError");

/** Put them in the place of a browser's passkeys, for each test of a file. */
export function fakePasskeys(): void {
  beforeEach(() => {
    get.mockReset().mockResolvedValue(credential);
    create.mockReset().mockResolvedValue(credential);
    Object.defineProperty(navigator, "credentials", { value: { get, create }, configurable: true });
    vi.stubGlobal("PublicKeyCredential", {
      parseRequestOptionsFromJSON: (given: object) => given,
      parseCreationOptionsFromJSON: (given: object) => given,
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });
}

export const ways = [{ kind: "password" }, { kind: "passkey" }] as (typeof OPTIONS)["ways"];

export function offering(): Service {
  const service = new Service({ ways });
  service.answer("POST /api/auth/passkeys/options", () => json(ASKED));
  service.answer("POST /api/auth/passkeys", () => json(TOKENS));
  service.answer("POST /api/auth/second-factor", () => json(TOKENS));
  service.answer("POST /api/auth/second-factor/options", () => json({ ...ASKED, allowCredentials: [] }));
  return service;
}

export const page = (
  <>
    <SignIn />
    <SignedIn>hello</SignedIn>
  </>
);

export async function logInByPassword(user: ReturnType<typeof show>["user"]): Promise<void> {
  await user.type(await screen.findByLabelText("E-mail"), ADA.email);
  await user.type(screen.getByLabelText("Password"), "correct horse{Enter}");
}

/** The button, once it can be pressed. */
export async function button(name: string): Promise<HTMLElement> {
  const found = await screen.findByRole("button", { name });
  await waitFor(() => expect(screen.getByRole("button", { name }).getAttribute("aria-busy")).toBeNull());
  return screen.queryByRole("button", { name }) ?? found;
}
