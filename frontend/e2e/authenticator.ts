/** Chromium's own virtual authenticator (CDP's WebAuthn domain): none of our code makes what the service judges. */
import type { CDPSession, Page } from "playwright-core";

export interface Authenticator {
  /** Whether somebody touches it by themselves: then also what a field offers is picked at once. */
  touched: (touched: boolean) => Promise<void>;
  /** Whether it knows its user, by finger, face or PIN. */
  verified: (verified: boolean) => Promise<void>;
  /** How many passkeys are in it. */
  count: () => Promise<number>;
}

/** Put an authenticator into the device of `page`, which knows its user and isn't touched; `synced`: its passkeys are everywhere. */
export async function plugIn(page: Page, { synced = true } = {}): Promise<Authenticator> {
  const device: CDPSession = await page.context().newCDPSession(page);
  await device.send("WebAuthn.enable");
  const { authenticatorId } = await device.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: false,
      defaultBackupEligibility: synced,
      defaultBackupState: synced,
    },
  });
  return {
    touched: (enabled) => device.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }).then(),
    verified: (isUserVerified) => device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }).then(),
    count: async () => (await device.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length,
  };
}
