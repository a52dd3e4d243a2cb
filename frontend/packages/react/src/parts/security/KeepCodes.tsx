"use client";

import { useEffect, type ReactElement } from "react";
import { useAuth } from "../../core/setting.js";
import { spoken, useSecondWords } from "../../core/spoken.js";
import { factors } from "../../messages/factors.js";
import { Dialog } from "../../ui/Dialog.js";
import { Codes } from "./Codes.js";

export interface KeepCodesProps {
  codes: readonly string[];
  /** Whose they are, by id: nobody else sees them. */
  whose: string;
  onKept: () => void;
}

/** Recovery codes that a log-in has made, over the page that it led to: it can't be left before they are kept. */
function Keep({ codes, whose, onKept }: KeepCodesProps): ReactElement | null {
  const words = useSecondWords(factors);
  const { user } = useAuth();
  const others = user !== null && user.id !== whose;
  useEffect(() => {
    if (others) onKept();
  }, [others, onKept]);
  return user?.id === whose ? (
    <Dialog title={words.keepCodesTitle} text={words.keepCodesText}>
      <Codes codes={codes} onKept={onKept} />
    </Dialog>
  ) : null;
}

export const KeepCodes = spoken(Keep, null);
