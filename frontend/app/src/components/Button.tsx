import type { ButtonHTMLAttributes, MouseEvent, ReactElement, ReactNode } from "react";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "primary" | "secondary" | "danger" | "quiet" | "icon";
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
  const off = busy || rest["aria-disabled"] === true;
  const click = (event: MouseEvent<HTMLButtonElement>): void => {
    if (off) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      {...rest}
      type={type}
      className={`button button--${look}${wide ? " button--wide" : ""}`}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      onClick={click}
    >
      {busy && <span className="spinner" aria-hidden="true" />}
      {/* In an element of its own: page translators replace bare texts, and the spinner could not be put before it. */}
      {typeof children === "string" ? <span>{children}</span> : children}
    </button>
  );
}
