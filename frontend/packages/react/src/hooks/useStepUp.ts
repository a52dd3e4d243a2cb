"use client";

/** Showing again who one is, where a call wants it. */
import { useSetting } from "../core/setting.js";
import { useAction, type Action } from "./useAction.js";

export interface StepUpAction {
  /** The ways in which it can be shown, of those that are known here; empty if none is. */
  ways: "password"[];
  /** Show it with the password. */
  password: Action<[password: string]>;
}

/** Make the session fresh. `methods` are those that the service takes, as its answer says; without any, the password. */
export function useStepUp(methods: readonly string[] = []): StepUpAction {
  const { client } = useSetting();
  const password = useAction((given: string) => client.reauthenticate(given), {
    fields: ["password"],
    at: { invalid_grant: "password" },
    says: { invalid_grant: "wrongPassword" },
  });
  return { ways: methods.length === 0 || methods.includes("password") ? ["password"] : [], password };
}
