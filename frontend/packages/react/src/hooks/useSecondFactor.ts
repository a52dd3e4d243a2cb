"use client";

/** The second step of a log-in, whichever way it began. */
import type { SecondFactor as Shown } from "@latchkey/client";
import { useSetting } from "../core/setting.js";
import { useAction, type Action } from "./useAction.js";

/** What is shown: `Omit` alone would take the one kind for the other. */
type Step = Shown extends infer Kind ? (Kind extends unknown ? Omit<Kind, "challenge"> : never) : never;

export interface SecondFactor extends Action<[shown: Step]> {
  /** In which ways the step that is owed can be done; undefined while none is. */
  methods: readonly string[] | undefined;
  /** One has to be set up first. */
  enrol: boolean;
  /** Leave it, and begin again. */
  cancel: () => void;
}

/** The step that the log-in which was tried last owes: show it a `code` or a `recovery_code`. */
export function useSecondFactor(): SecondFactor {
  const { client, owed, owe } = useSetting();
  const action = useAction(
    (shown: Step) => client.loginBySecondFactor({ ...shown, challenge: owed?.more.challenge ?? "" }),
    { fields: ["code"], at: { invalid_code: "code" } },
  );
  return {
    ...action,
    methods: owed?.methods,
    enrol: owed?.code === "enrolment_required",
    cancel: () => owe(null),
  };
}
