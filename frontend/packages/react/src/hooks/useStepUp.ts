"use client";

/** Showing again who one is, where a call wants it. */
import { passkeysAvailable, reauthenticateByPasskey } from "@latchkey/client/passkeys";
import { useSetting } from "../core/setting.js";
import { useAction, type Action } from "./useAction.js";
import { unlessCancelled, useUntilGone } from "./usePasskeys.js";

/** How each is called in what is sent. */
const MEMBERS = { password: "password", totp: "code", recovery_code: "recovery_code" } as const;
/** What is asked for first. */
const WAYS = ["passkey", "password", "totp", "recovery_code"] as const;

type Known = (typeof WAYS)[number];

export interface StepUpAction {
  /** The ways in which it can be shown, of those that are known here; empty if none is. */
  ways: readonly Known[];
  /** Show it. A passkey needs no text: the browser asks for it. */
  show: Action<[way: Known, text?: string]>;
}

/** Make the session fresh. `methods` are those that the service takes, as its answer says; without any, the password. */
export function useStepUp(methods: readonly string[] = []): StepUpAction {
  const { client } = useSetting();
  const signal = useUntilGone();
  const show = useAction(
    (way: Known, text = "") =>
      way === "passkey"
        ? unlessCancelled(reauthenticateByPasskey(client, { signal: signal() }))
        : client.call("POST", "/api/auth/reauthenticate", { body: { [MEMBERS[way]]: text } }),
    {
      fields: ["password", "code"],
      at: { invalid_grant: "password", invalid_code: "code" },
      says: { invalid_grant: "wrongPassword" },
    },
  );
  const ways = WAYS.filter((way) => methods.includes(way) && (way !== "passkey" || passkeysAvailable()));
  return { ways: methods.length === 0 ? ["password"] : ways, show };
}
