"use client";

/** Showing again who one is, where a call wants it. */
import { useSetting } from "../core/setting.js";
import { useAction, type Action } from "./useAction.js";

/** How each is called in what is sent. */
const MEMBERS = { password: "password", totp: "code", recovery_code: "recovery_code" } as const;

type Known = keyof typeof MEMBERS;

export interface StepUpAction {
  /** The ways in which it can be shown, of those that are known here; empty if none is. */
  ways: Known[];
  /** Show it. */
  show: Action<[way: Known, text: string]>;
}

/** Make the session fresh. `methods` are those that the service takes, as its answer says; without any, the password. */
export function useStepUp(methods: readonly string[] = []): StepUpAction {
  const { client } = useSetting();
  const show = useAction(
    (way: Known, text: string) => client.call("POST", "/api/auth/reauthenticate", { body: { [MEMBERS[way]]: text } }),
    {
      fields: ["password", "code"],
      at: { invalid_grant: "password", invalid_code: "code" },
      says: { invalid_grant: "wrongPassword" },
    },
  );
  const ways = (Object.keys(MEMBERS) as Known[]).filter((way) => methods.includes(way));
  return { ways: methods.length === 0 ? ["password"] : ways, show };
}
