"use client";

/** Dialogs on the browser's own <dialog>: it holds the focus inside, closes on Escape, and gives the focus back. */
import { useEffect, useId, useRef, type ReactElement, type ReactNode } from "react";
import { useClass } from "./classes.js";

interface DialogProps {
  title: string;
  text?: ReactNode;
  /** The reader calls it off. Without it they can't: it stays until it is done with. */
  onClose?: () => void;
  /** Nothing is to be seen of the page below. */
  covers?: boolean;
  children?: ReactNode;
}

/** A modal dialog, open as long as it is rendered. */
export function Dialog({ title, text, onClose, covers = false, children }: DialogProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const c = useClass();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    // What can be filled in, not what is there for password managers.
    element?.querySelector<HTMLElement>("input:not([readonly]), button")?.focus();
    return () => {
      element?.close();
      // The element is taken out of the page in the same step, too early for the browser to do this itself.
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={c("dialog", covers && "covers")}
      aria-labelledby={`${id}-title`}
      aria-describedby={text ? `${id}-text` : undefined}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClose={({ currentTarget }) => {
        // A second Escape closes it whatever we say: it has to be called off, or opened again.
        if (onClose) onClose();
        else if (currentTarget.isConnected) currentTarget.showModal();
      }}
    >
      <h2 id={`${id}-title`}>{title}</h2>
      {text && <div id={`${id}-text`}>{text}</div>}
      {children}
    </dialog>
  );
}
