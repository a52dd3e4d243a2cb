"use client";

import type { ButtonHTMLAttributes, ReactElement, ReactNode } from "react";
import { useClass } from "./classes.js";

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "className"> {
  look?: "primary" | "secondary" | "danger" | "quiet";
  wide?: boolean;
  /** The action runs. The button keeps the focus and its words, and does nothing more until it is done. */
  busy?: boolean;
  children: ReactNode;
}

/** A button. While `busy` or `aria-disabled` it stays focusable, so that the keyboard's place isn't lost. */
export function Button({
  look = "secondary",
  wide = false,
  busy = false,
  type = "button",
  onClick,
  children,
  ...rest
}: ButtonProps): ReactElement {
  const c = useClass();
  const off = busy || rest["aria-disabled"] === true;
  return (
    <button
      {...rest}
      type={type}
      className={c("button", look, wide && "wide")}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      onClick={(event) => {
        if (off) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy && <span className="lk-spinner" aria-hidden="true" />}
      {/* In an element of its own: page translators replace bare texts, and the spinner could not be put before it. */}
      {typeof children === "string" ? <span>{children}</span> : children}
    </button>
  );
}
