"use client";

import type { ReactElement } from "react";
import { useWords } from "../core/setting.js";
import { moments } from "../messages/moments.js";
import { Confirm } from "../ui/Confirm.js";

export interface LeavingProps {
  onLeave: () => void;
  onStay: () => void;
}

const NOTHING = { busy: false, problem: null, wait: 0 };

/** Asks whoever leaves what they have typed and not sent: for a router that was held back because of `hasUnsaved`. */
export function Leaving({ onLeave, onStay }: LeavingProps): ReactElement {
  const words = useWords(moments);
  return (
    <Confirm
      title={words.leaveTitle}
      text={words.leaveText}
      action={words.leave}
      cancel={words.stay}
      doing={NOTHING}
      onConfirm={onLeave}
      onClose={onStay}
    />
  );
}
