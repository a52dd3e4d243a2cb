/**
 * `@latchkey/client/passkeys`: log in with a passkey, show one, set one up. Nothing here is drawn.
 *
 * Rejects as all calls do, and besides with a `ProblemError` of its own: `passkey_cancelled`, when the reader has closed the
 * browser's dialog (nothing to make a noise about), `passkey_exists`, when this device has one of this account already, and
 * `passkey_failed`; for what a wrong domain or origin is the reason of, the console says which.
 */
import { offer } from "./autofill.js";
import { text } from "./base64url.js";
import type { LatchkeyClient } from "./client.js";
import { ProblemError } from "./problem.js";
import type { components } from "./schema.js";
import type { User } from "./state.js";
import {
  getPasskey,
  makePasskey,
  passkeysAvailable,
  statics,
  type CreationOptions,
  type MadePasskey,
  type RequestOptions,
  type ShownPasskey,
} from "./webauthn.js";

export { isCancelled, passkeysAvailable } from "./webauthn.js";
export type { CreationOptions, MadePasskey, RequestOptions, ShownPasskey };

type Schemas = components["schemas"];
/** A passkey of the account's. */
export type Passkey = Schemas["PasskeyResponse"];

/** What can be called off. */
export interface Stoppable {
  signal?: AbortSignal | undefined;
}

/** Ask for a passkey in the browser's dialog. What is offered in a field meanwhile waits. */
export function assertPasskey(options: RequestOptions, { signal }: Stoppable = {}): Promise<ShownPasskey> {
  return getPasskey(options, signal);
}

/** Have the browser make a passkey, and hand it to nobody yet. */
export function createPasskey(options: CreationOptions, { signal }: Stoppable = {}): Promise<MadePasskey> {
  return makePasskey(options, signal);
}

/** Log in with a passkey alone: no address, no password. Rejects with `invalid_passkey`, too. */
export async function loginByPasskey(client: LatchkeyClient, how: Stoppable = {}): Promise<User> {
  const options = await client.open("POST", "/api/auth/passkeys/options", how);
  return enter(client, await assertPasskey(options, how), options);
}

async function enter(client: LatchkeyClient, credential: ShownPasskey, options: RequestOptions): Promise<User> {
  try {
    return await client.enter("/api/auth/passkeys", { credential });
  } catch (error) {
    // It was removed here: whoever keeps it needn't offer it any more.
    if (error instanceof ProblemError && error.more.unknown_credential) {
      await forget(options.rpId, credential.rawId);
    }
    throw error;
  }
}

/** How what was picked in the field becomes a log-in. */
export interface Autofill {
  /** Run `login`, and say how it went. Without it nothing is said: what is refused is offered again. */
  around?: (login: () => Promise<User>) => Promise<unknown>;
}

/**
 * Offer passkeys in the field with `autocomplete="username webauthn"`, and log in with what is picked. Returns how to stop.
 * Renews its challenge while the page lies open, gives way to every other question, and is quiet where browsers can't.
 */
export function autofill(client: LatchkeyClient, { around = (login) => login() }: Autofill = {}): () => void {
  const over = new AbortController();
  void offer(client, (shown, options) => around(() => enter(client, shown, options)), over.signal);
  return () => over.abort();
}

/** The second step of a log-in: `challenge` is that of `second_factor_required`. */
export async function secondFactorByPasskey(
  client: LatchkeyClient,
  challenge: string,
  { trustDevice = false, ...how }: Stoppable & { trustDevice?: boolean } = {},
): Promise<User> {
  const options = await client.open("POST", "/api/auth/second-factor/options", { body: { challenge }, ...how });
  const passkey = await assertPasskey(options, how);
  return client.loginBySecondFactor({ challenge, passkey, trust_device: trustDevice });
}

/** Make the session fresh with a passkey. */
export async function reauthenticateByPasskey(client: LatchkeyClient, how: Stoppable = {}): Promise<void> {
  const options = await client.call("POST", "/api/auth/reauthenticate/options", how);
  await client.call("POST", "/api/auth/reauthenticate", { body: { passkey: await assertPasskey(options, how) } });
}

/** Who would like an account. */
export type Applicant = Schemas["PasskeyRegistrationRequest"];

/**
 * Create an account with a passkey and nothing else, and log in to it; only where the options have a way `passkey` that
 * `registers`. `keep` is given the recovery codes, this once. Rejects with `email_taken`, too.
 */
export async function signUpByPasskey(
  client: LatchkeyClient,
  applicant: Applicant,
  { keep, ...how }: Stoppable & { keep?: (codes: readonly string[]) => void } = {},
): Promise<User> {
  const input = { body: applicant, ...how };
  const { registration, options } = await client.open("POST", "/api/auth/passkeys/register/options", input);
  const credential = await makePasskey(options, how.signal);
  try {
    return await client.enter("/api/auth/passkeys/register", { ...applicant, registration, credential }, (answer) =>
      keep?.(answer.recovery_codes ?? []),
    );
  } catch (error) {
    // It opens nothing: whoever keeps it needn't offer it.
    if (error instanceof ProblemError && error.status < 500 && !error.more.challenge) {
      await forget(options.rp.id, credential.rawId);
    }
    throw error;
  }
}

/** Set up a passkey on this device. `recovery_codes` come with the first factor of the account, this once. */
export async function registerPasskey(
  client: LatchkeyClient,
  { name, endOtherSessions = false, ...how }: Stoppable & { name?: string; endOtherSessions?: boolean } = {},
): Promise<Schemas["NewPasskeyResponse"]> {
  const options = await client.call("POST", "/api/users/me/factors/passkeys/options", how);
  const credential = await createPasskey(options, how);
  const body = { credential, end_other_sessions: endOtherSessions, ...(name && { name }) };
  return client.call("POST", "/api/users/me/factors/passkeys", { body });
}

/** Remove a passkey; whoever keeps it for this browser hears that it is no good any more. Rejects with `last_way_in`. */
export async function removePasskey(client: LatchkeyClient, id: string): Promise<void> {
  const tell = passkeysAvailable() && statics().signalAllAcceptedCredentials !== undefined;
  const before = tell ? await accepted(client) : null;
  await client.call("DELETE", "/api/users/me/factors/passkeys/{passkey_id}", { path: { passkey_id: id } });
  const state = client.getState();
  if (!before?.rpId || state.status !== "signed_in") return;
  const { id: user } = state.user;
  await signal(async () => {
    const left = await accepted(client);
    if (!left) return;
    await statics().signalAllAcceptedCredentials?.({
      rpId: before.rpId,
      userId: text(Uint8Array.from(user.replace(/-/g, "").match(/../g) ?? [], (byte) => parseInt(byte, 16))),
      allAcceptedCredentialIds: left.ids,
    });
  });
}

/** Which passkeys can be shown, as authenticators call them; null where that isn't to be known. */
async function accepted(client: LatchkeyClient): Promise<{ rpId: string; ids: string[] } | null> {
  try {
    const { rpId, allowCredentials = [] } = await client.call("POST", "/api/auth/reauthenticate/options");
    return { rpId, ids: allowCredentials.map(({ id }) => id) };
  } catch (error) {
    return error instanceof ProblemError && error.status === 404 ? { rpId: "", ids: [] } : null;
  }
}

/** Tell whoever keeps passkeys that this one is good for nothing. */
function forget(rpId: string, credentialId: string): Promise<void> {
  return signal(() => statics().signalUnknownCredential?.({ rpId, credentialId }));
}

/** Tell whoever keeps passkeys. It is a kindness: what comes of it is nobody's failure. */
async function signal(say: () => Promise<void> | undefined): Promise<void> {
  try {
    await say();
  } catch {
    // Its own concern.
  }
}
