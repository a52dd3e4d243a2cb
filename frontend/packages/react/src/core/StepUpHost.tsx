"use client";

/** Where a call of the client wants the reader to show again who they are, they are asked: the dialog is loaded when it is first needed. */
import type { ProblemError } from "@latchkey/client";
import { useEffect, useRef, useState, type ComponentType, type ReactElement } from "react";
import { Cancelled } from "../hooks/useAction.js";
import { loaded } from "./late.js";
import { useAuth, useSetting } from "./setting.js";

export interface StepUpProps {
  /** In which ways it can be shown, as the service says: the parts take those they know, the first first. */
  methods?: readonly string[];
  /** The session is fresh (true), or the reader has called it off (false). */
  onDone: (fresh: boolean) => void;
}

interface Question extends StepUpProps {
  Dialog: ComponentType<StepUpProps>;
}

/** Answers the client's question, unless the application answers it itself. */
export function StepUpHost(): ReactElement | null {
  const { client } = useSetting();
  const whose = useAuth().user?.id;
  const [question, setQuestion] = useState<Question | null>(null);
  const pending = useRef<(fresh: boolean) => void>(undefined);
  // What one user was asked is no question to the next.
  useEffect(() => () => pending.current?.(false), [whose]);
  useEffect(() => {
    const { options } = client;
    if (options.onReauthenticationRequired) return undefined;
    options.onReauthenticationRequired = async ({ methods }: ProblemError) => {
      const { StepUp } = await loaded(() => import("../parts/StepUp.js"));
      return new Promise<boolean>((resolve, reject) => {
        const onDone = (fresh: boolean): void => {
          pending.current = undefined;
          setQuestion(null);
          if (fresh) resolve(true);
          else reject(new Cancelled());
        };
        pending.current = onDone;
        setQuestion({ Dialog: StepUp, methods, onDone });
      });
    };
    return () => {
      delete options.onReauthenticationRequired;
    };
  }, [client]);
  return question && <question.Dialog methods={question.methods} onDone={question.onDone} />;
}
