/** The browser's side of WebAuthn: one question at a time, in JSON, with failures that say what they mean. */
import { text } from "./base64url.js";
import { pause } from "./within.js";
import { ProblemError } from "./problem.js";
import type { components } from "./schema.js";

type Schemas = components["schemas"];
/** What the service wants a passkey shown for. */
export type RequestOptions = Schemas["RequestOptionsResponse"];
/** What the service wants a passkey made for. */
export type CreationOptions = Schemas["CreationOptionsResponse"];
/** A passkey that was shown, as the service takes it. */
export type ShownPasskey = Schemas["PasskeyField"];
/** A passkey that was made, as the service takes it. */
export type MadePasskey = Schemas["NewPasskeyField"];

/** Not each browser has all of it: what is in the standard since 2023. */
type Statics = Partial<
  Pick<
    typeof PublicKeyCredential,
    "isConditionalMediationAvailable" | "parseCreationOptionsFromJSON" | "parseRequestOptionsFromJSON"
  >
> & {
  signalUnknownCredential?(what: { rpId: string; credentialId: string }): Promise<void>;
  signalAllAcceptedCredentials?(what: {
    rpId: string;
    userId: string;
    allAcceptedCredentialIds: string[];
  }): Promise<void>;
};

/** Whether this browser knows passkeys. It doesn't on pages that came without TLS, `localhost` apart. */
export function passkeysAvailable(): boolean {
  return typeof PublicKeyCredential !== "undefined";
}

/** What browsers have learnt one after the other. Only where there are passkeys. */
export function statics(): Statics {
  return PublicKeyCredential;
}

/** Milliseconds after which an offer that was called off is in nobody's way. */
const DEAF = 500;
/** What the field offers, to be called off for anything else; and what everything has to wait for. */
let offered: AbortController | null = null;
let last: Promise<unknown> = Promise.resolve();
let turn = 0;

/** Ask the browser, when it has done with what was asked before: a second question at once is refused. */
function inTurn<T>(work: () => Promise<T>, offer?: AbortController): Promise<T> {
  const mine = ++turn;
  offered?.abort();
  // Extensions that stand before the browser don't always hear that their offer is over.
  const before = offered ? Promise.race([last, pause(DEAF)]) : last;
  const answer = before.then(() => {
    // Somebody waits behind it already: an offer could keep them waiting for ever.
    if (offer && mine !== turn) offer.abort();
    offer?.signal.throwIfAborted();
    offered = offer ?? null;
    return work();
  });
  last = answer.catch(() => undefined);
  return answer;
}

/** Let the reader show a passkey: in the browser's dialog, or, with an `offer`, in a field with `autocomplete="webauthn"`. */
export async function getPasskey(
  options: RequestOptions,
  signal?: AbortSignal,
  offer?: AbortController,
): Promise<ShownPasskey> {
  const publicKey = statics().parseRequestOptionsFromJSON?.(options) ?? {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(known),
  };
  const asked = { publicKey, ...(signal && { signal }), ...(offer && { mediation: "conditional" as const }) };
  const found = (await inTurn(
    () => told(navigator.credentials.get(asked), options.rpId),
    offer,
  )) as PublicKeyCredential;
  return jsonOf(found, ({ response }) => {
    const { authenticatorData, signature, userHandle } = response as AuthenticatorAssertionResponse;
    return {
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      ...(userHandle && { userHandle: text(userHandle) }),
    };
  });
}

/** Let the reader make a passkey. Rejects with `passkey_exists` where this device has one of this account. */
export async function makePasskey(
  options: CreationOptions | Schemas["FirstOptionsResponse"],
  signal?: AbortSignal,
): Promise<MadePasskey> {
  const publicKey = statics().parseCreationOptionsFromJSON?.(options) ?? {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: options.excludeCredentials.map(known),
  };
  const asked = { publicKey, ...(signal && { signal }) };
  const made = (await inTurn(() => told(navigator.credentials.create(asked), options.rp.id))) as PublicKeyCredential;
  return jsonOf(made, ({ response }) => {
    const answer = response as Omit<AuthenticatorAttestationResponse, "getTransports"> & { getTransports?(): string[] };
    const transports = answer.getTransports?.();
    return { attestationObject: text(answer.attestationObject), ...(transports && { transports }) };
  });
}

/** Say what a browser's refusal means. Anything else that is thrown is a mistake, and stays what it is. */
async function told<T>(asked: Promise<T>, domain: string): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    const { name, message } = error as DOMException;
    if (!(error instanceof DOMException)) throw error;
    if (name === "NotAllowedError" || name === "AbortError")
      throw refused("passkey_cancelled", "It was called off.", error);
    if (name === "InvalidStateError") throw refused("passkey_exists", "This device has a passkey already.", error);
    if (name === "SecurityError") {
      console.error(`Latchkey: ${location.origin} may not use the passkeys of ${domain} (PASSKEY_RP_ID). ${message}`);
    }
    throw refused("passkey_failed", "This browser couldn't use a passkey here.", error);
  }
}

/** Whether nothing went wrong but that the reader, or the page itself, has called it off. */
export function isCancelled(error: unknown): boolean {
  return error instanceof ProblemError && error.code === "passkey_cancelled";
}

function refused(code: string, detail: string, cause: unknown): ProblemError {
  return Object.assign(new ProblemError(400, code, detail), { cause });
}

/** The browser's own JSON; put together here where it has none, or where an extension that stands before it fails. */
function jsonOf(
  found: PublicKeyCredential,
  response: (found: PublicKeyCredential) => object,
): ShownPasskey & MadePasskey {
  try {
    return found.toJSON() as ShownPasskey & MadePasskey;
  } catch {
    const { clientDataJSON } = found.response;
    return {
      id: found.id,
      rawId: text(found.rawId),
      type: found.type,
      response: { clientDataJSON: text(clientDataJSON), ...response(found) },
      clientExtensionResults: found.getClientExtensionResults(),
    } as unknown as ShownPasskey & MadePasskey;
  }
}

function known({ id, type, transports }: Schemas["KnownPasskey"]): PublicKeyCredentialDescriptor {
  return { id: bytes(id), type, transports: transports as AuthenticatorTransport[] };
}

/** Bytes from base64url. */
function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
}
