"use client";

/** Where a call of the client wants the reader to show again who they are, they are asked: the dialog is loaded when it is first needed. */
import type { LatchkeyClient, ProblemError } from "@latchkey/client";
import { useEffect, useRef } from "react";
import { Cancelled } from "../hooks/useAction.js";
import { loaded } from "./late.js";
import { useAuth, useSetting } from "./setting.js";

export interface StepUpProps {
  /** The ways in which the service takes it from this user; without any, the password. */
  methods?: readonly string[];
  /** The session is fresh (true), or the reader has called it off (false). */
  onDone: (fresh: boolean) => void;
}

type Ask = (wanted: ProblemError) => Promise<boolean>;

/** Let `ask` answer the client's question, unless the application does so itself. Returns how to stop. */
function answerWith({ options }: LatchkeyClient, ask: Ask): (() => void) | undefined {
  if (options.onReauthenticationRequired) return undefined;
  options.onReauthenticationRequired = ask;
  return () => {
    delete options.onReauthenticationRequired;
  };
}

/** Answers the client's question, unless the application answers it itself. What is called off rejects as `Cancelled`. */
export function StepUpHost(): null {
  const { client, show } = useSetting();
  const whose = useAuth().user?.id;
  const asked = useRef<StepUpProps["onDone"]>(undefined);
  // What one user was asked is no question to the next.
  useEffect(() => () => asked.current?.(false), [whose]);
  useEffect(
    () =>
      answerWith(client, async ({ methods }) => {
        const { StepUp } = await loaded(() => import("../parts/StepUp.js"));
        return new Promise<boolean>((resolve, reject) => {
          const onDone = (fresh: boolean): void => {
            asked.current = undefined;
            show(null);
            if (fresh) resolve(true);
            else reject(new Cancelled());
          };
          asked.current = onDone;
          show(<StepUp methods={methods} onDone={onDone} />);
        });
      }),
    [client, show],
  );
  return null;
}
