"use client";

import type { MouseEvent, ReactElement, ReactNode } from "react";
import { useSetting } from "../core/setting.js";
import { useClass } from "./classes.js";

interface LinkProps {
  /** Where to; without it, `onPress` says what happens in this place instead. */
  to: string | undefined;
  /** Looks like a button. */
  button?: "primary" | "secondary" | false;
  onPress?: () => void;
  children: ReactNode;
}

/** A link that the application's router follows on a plain click; a new tab, a copy of the address work as ever. */
export function Link({ to, button = false, onPress, children }: LinkProps): ReactElement {
  const { go } = useSetting();
  const c = useClass();
  const className = button ? c("button", button, "wide") : c("link");
  if (to === undefined) {
    return (
      <button type="button" className={className} onClick={onPress}>
        {children}
      </button>
    );
  }
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={to} className={className} onClick={follow}>
      {children}
    </a>
  );
}
