"use client";

import type { ReactElement, ReactNode } from "react";
import { useSetting } from "../core/setting.js";
import { useLate } from "../hooks/timing.js";
import type { Action } from "../hooks/useAction.js";
import { Button } from "./Button.js";
import { useClass } from "./classes.js";
import { Dialog } from "./Dialog.js";
import { LONG } from "./Form.js";
import { ProblemNotice } from "./Notice.js";

interface ConfirmProps {
  title: string;
  text: ReactNode;
  /** The button's words: what will be done. */
  action: string;
  /** What is under way, and what went wrong. */
  doing: Pick<Action<never[]>, "busy" | "problem" | "wait">;
  onConfirm: () => void;
  onClose: () => void;
  /** What leads back, if it isn't "Cancel". */
  cancel?: string;
}

/** Ask before something that can't be taken back. The first choice under the finger is to leave it. */
export function Confirm({ title, text, action, doing, onConfirm, onClose, cancel }: ConfirmProps): ReactElement {
  const { words } = useSetting();
  const c = useClass();
  const { busy, problem, wait } = doing;
  const slow = useLate(busy, LONG);
  return (
    <Dialog title={title} text={text} onClose={onClose}>
      <div role="alert" className="lk-region">
        {problem && <ProblemNotice problem={problem} wait={wait} announce={false} />}
      </div>
      <p role="status" className="lk-region">
        {slow && words.slow}
      </p>
      <div className={c("actions")}>
        <Button onClick={onClose}>{cancel ?? words.cancel}</Button>
        <Button look="danger" busy={busy} aria-disabled={wait > 0} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
