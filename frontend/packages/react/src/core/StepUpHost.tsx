"use client";

/** Where a call of the client wants the password again, it is asked for: the dialog is loaded when it is first needed. */
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

/** Answers the client's question, unless the application answers it itself. */
export function StepUpHost(): ReactElement | null {
  const { client } = useSetting();
  const [question, setQuestion] = useState<Question | null>(null);
  useEffect(() => {
    const { options } = client;
    if (options.onReauthenticationRequired) return undefined;
    options.onReauthenticationRequired = async () => {
      const { StepUp } = await loaded(() => import("../parts/StepUp.js"));
      return new Promise<boolean>((resolve) => {
        const onDone = (fresh: boolean): void => {
          setQuestion(null);
          resolve(fresh);
        };
        setQuestion({ Dialog: StepUp, onDone });
      });
    };
    return () => {
      delete options.onReauthenticationRequired;
    };
  }, [client]);
  return question && <question.Dialog onDone={question.onDone} />;
}
