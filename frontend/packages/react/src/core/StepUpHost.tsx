"use client";

/** Where a call of the client wants the password again, it is asked for: the dialog is loaded when it is first needed. */
import type { LatchkeyClient } from "@latchkey/client";
import { useEffect, useState, type ComponentType, type ReactElement } from "react";
import { loaded } from "./late.js";
import { useSetting } from "./setting.js";

export interface StepUpProps {
  /** The session is fresh (true), or the reader has called it off (false). */
  onDone: (fresh: boolean) => void;
}

interface Question extends StepUpProps {
  Dialog: ComponentType<StepUpProps>;
}

type Ask = () => Promise<boolean>;

/** Let `ask` answer the client's question, unless the application does so itself. Returns how to stop. */
function answerWith({ options }: LatchkeyClient, ask: Ask): (() => void) | undefined {
  if (options.onReauthenticationRequired) return undefined;
  options.onReauthenticationRequired = ask;
  return () => {
    delete options.onReauthenticationRequired;
  };
}

/** Answers the client's question, unless the application answers it itself. */
export function StepUpHost(): ReactElement | null {
  const { client } = useSetting();
  const [question, setQuestion] = useState<Question | null>(null);
  useEffect(
    () =>
      answerWith(client, async () => {
        const { StepUp } = await loaded(() => import("../parts/StepUp.js"));
        return new Promise<boolean>((resolve) => {
          const onDone = (fresh: boolean): void => {
            setQuestion(null);
            resolve(fresh);
          };
          setQuestion({ Dialog: StepUp, onDone });
        });
      }),
    [client],
  );
  return question && <question.Dialog onDone={question.onDone} />;
}
