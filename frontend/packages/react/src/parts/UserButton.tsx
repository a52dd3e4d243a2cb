"use client";

import { useEffect, useId, useRef, useState, type ComponentType, type ReactElement, type ReactNode } from "react";
import { useAuth, useSetting } from "../core/setting.js";
import { on } from "../hooks/timing.js";
import { useAction } from "../hooks/useAction.js";
import { Button } from "../ui/Button.js";
import { HIDDEN, useClass } from "../ui/classes.js";
import { Link } from "../ui/Link.js";
import { Part } from "../ui/Part.js";

interface UserButtonProps {
  /** More that can be done from the menu: links of one's own. */
  children?: ReactNode;
}

/** Who is signed in; pressed, what they can do: look after their account, log out here or everywhere. */
export function UserButton({ children }: UserButtonProps): ReactElement | null {
  const { client, words, links } = useSetting();
  const { user } = useAuth();
  const c = useClass();
  const id = useId();
  const around = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const leave = useAction(() => client.logout());
  // What it needs is loaded while there is a network, and left out where it could not be: logging out always works.
  const [Everywhere, setEverywhere] = useState<ComponentType | null>(null);
  useEffect(() => {
    import("./Everywhere.js").then(
      (part) => setEverywhere(() => part.Everywhere),
      () => undefined,
    );
  }, []);
  useEffect(() => {
    if (!open) return undefined;
    const outside = ({ target }: Event): void => {
      if (!around.current?.contains(target as Node)) setOpen(false);
    };
    return on(outside, [document, "pointerdown"], [document, "focusin"]);
  }, [open]);
  if (!user) return null;
  const name = user.full_name ?? user.email;
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape, wherever in it the focus is
    <div
      ref={around}
      className={c("user")}
      onKeyDown={({ key, target }) => {
        // In a dialog of the menu it is the dialog's.
        if (key !== "Escape" || (target as Element).closest("dialog")) return;
        setOpen(false);
        around.current?.querySelector("button")?.focus();
      }}
    >
      <button
        type="button"
        className={c("button", "quiet")}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <span className={c("avatar")} aria-hidden="true">
          {Array.from(name)[0]?.toUpperCase()}
        </span>
        <span className={c("who")}>{name}</span>
        <span className={HIDDEN}>{`, ${words.menu}`}</span>
      </button>
      {open && (
        <div id={id} className={c("menu")}>
          <Part>
            <p>
              {user.full_name && <strong>{name}</strong>} <span>{user.email}</span>
            </p>
            {/* A link that was followed has done what the menu is for. */}
            {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the links are what is pressed */}
            <div onClick={() => setOpen(false)}>
              {links.settings !== undefined && <Link to={links.settings}>{words.settings}</Link>}
              {children}
            </div>
            <Button look="quiet" busy={leave.busy} onClick={() => void leave.submit()}>
              {words.logOut}
            </Button>
            {Everywhere && <Everywhere />}
          </Part>
        </div>
      )}
    </div>
  );
}
