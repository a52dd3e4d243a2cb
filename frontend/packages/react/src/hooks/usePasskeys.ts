"use client";

/** Passkeys: logging in with one, showing one, one's own. */
import type { components, User } from "@latchkey/client";
import {
  autofill,
  isCancelled,
  loginByPasskey,
  passkeysAvailable,
  registerPasskey,
  removePasskey,
  secondFactorByPasskey,
  signUpByPasskey,
  type Applicant,
} from "@latchkey/client/passkeys";
import { useEffect, useRef, useState } from "react";
import type { Kept } from "../core/kept.js";
import { useSetting } from "../core/setting.js";
import { Cancelled, useAction, type Action } from "./useAction.js";
import { useKeptFactors } from "./useFactors.js";

export type Passkey = components["schemas"]["PasskeyResponse"];

/** Do it; closing the browser's dialog is no failure, and nothing to show. */
export async function unlessCancelled<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw isCancelled(error) ? new Cancelled() : error;
  }
}

/** What ends with the part that asks: a browser's dialog doesn't stay over another page. */
export function useUntilGone(): () => AbortSignal {
  const control = useRef<AbortController>(undefined);
  useEffect(() => () => control.current?.abort(), []);
  return () => (control.current = new AbortController()).signal;
}

/** Log in with a passkey that is picked in the browser's dialog. */
export function usePasskeyLogin(): Action<[]> {
  const { client } = useSetting();
  const signal = useUntilGone();
  return useAction(() => unlessCancelled(loginByPasskey(client, { signal: signal() })));
}

/**
 * Offer passkeys in the field with `autocomplete="username webauthn"`, as long as this is on the page. Shows what became of
 * one that was picked there; `submit` is the browser's to call.
 */
export function usePasskeyAutofill(): Action<[login: () => Promise<User>]> {
  const { client } = useSetting();
  const action = useAction((login: () => Promise<User>) => unlessCancelled(login()));
  const { submit } = action;
  useEffect(() => autofill(client, { around: submit }), [client, submit]);
  return action;
}

/** The second step of the log-in that was tried last, with a passkey. */
export function usePasskeyStep(): Action<[trustDevice: boolean]> {
  const { client, owed } = useSetting();
  const signal = useUntilGone();
  return useAction((trustDevice: boolean) =>
    unlessCancelled(secondFactorByPasskey(client, owed?.more.challenge ?? "", { trustDevice, signal: signal() })),
  );
}

/** Create an account with a passkey alone, and log in; `keep` is given the recovery codes, and whose they are, this once. */
export function usePasskeySignUp(
  keep: (codes: readonly string[], whose: string) => void,
): Action<[applicant: Applicant]> {
  const { client } = useSetting();
  const signal = useUntilGone();
  return useAction(
    async ({ email, full_name }: Applicant) => {
      let made: readonly string[] = [];
      const name = full_name?.trim();
      const applicant = { email: email.trim(), ...(name && { full_name: name }) };
      const how = { signal: signal(), keep: (codes: readonly string[]) => (made = codes) };
      const user = await unlessCancelled(signUpByPasskey(client, applicant, how));
      if (made.length > 0) keep(made, user.id);
    },
    { fields: ["full_name", "email"], at: { email_taken: "email" } },
  );
}

export interface Passkeys extends Omit<Kept<unknown>, "data"> {
  /** Undefined until they are known. */
  passkeys: readonly Passkey[] | undefined;
  /** Whether this browser can set one up. */
  available: boolean;
  /** The one that was set up last, just now. */
  added: Passkey | null;
  /** Recovery codes that came with it: they can't be had again. */
  codes: readonly string[] | null;
  /** The codes are kept: show them no more. */
  forgetCodes: () => void;
  /** Set one up on this device; without a name it is called like the device. */
  add: Action<[name?: string]>;
  rename: Action<[id: string, name: string]>;
  remove: Action<[id: string]>;
}

/** The reader's passkeys. */
export function usePasskeys(): Passkeys {
  const { client } = useSetting();
  const { data, ...kept } = useKeptFactors();
  const [added, setAdded] = useState<Passkey | null>(null);
  const [codes, setCodes] = useState<Passkeys["codes"]>(null);
  const signal = useUntilGone();
  const add = useAction(async (name?: string) => {
    setAdded(null);
    const asked = registerPasskey(client, { signal: signal(), ...(name !== undefined && { name }) });
    const made = await unlessCancelled(asked);
    setAdded(made);
    setCodes(made.recovery_codes ?? null);
    await kept.reload();
  });
  const rename = useAction(
    async (id: string, name: string) => {
      await client.call("PATCH", "/api/users/me/factors/passkeys/{passkey_id}", {
        path: { passkey_id: id },
        body: { name },
      });
      await kept.reload();
    },
    { fields: ["name"] },
  );
  const remove = useAction(async (id: string) => {
    await removePasskey(client, id);
    setAdded(null);
    await kept.reload();
  });
  return {
    ...kept,
    passkeys: data?.passkeys,
    available: passkeysAvailable(),
    added,
    codes,
    forgetCodes: () => setCodes(null),
    add,
    rename,
    remove,
  };
}
