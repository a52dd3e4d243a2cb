"use client";

import { useEffect, useId, useRef, useState, type ReactElement, type ReactNode } from "react";
import { late } from "../core/late.js";
import { useAuth, useSetting } from "../core/setting.js";
import { HIDDEN, useClass } from "../ui/classes.js";

const load = () => import("./Menu.js").then(({ Menu }) => Menu);
const Menu = late(load);

interface UserButtonProps {
  /** More that can be done from the menu: links of one's own. */
  children?: ReactNode;
}

/** Who is signed in; pressed, what they can do: look after their account, log out here or everywhere. */
export function UserButton({ children }: UserButtonProps): ReactElement | null {
  const { words } = useSetting();
  const { user } = useAuth();
  const c = useClass();
  const id = useId();
  const around = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return undefined;
    const leave = ({ target }: Event): void => {
      if (!around.current?.contains(target as Node)) setOpen(false);
    };
    const key = (event: KeyboardEvent): void => {
      // In a dialog of the menu it is the dialog's.
      if (event.key !== "Escape" || (event.target as Element).closest("dialog")) return;
      setOpen(false);
      around.current?.querySelector("button")?.focus();
    };
    document.addEventListener("pointerdown", leave);
    document.addEventListener("focusin", leave);
    document.addEventListener("keydown", key);
    return () => {
      document.removeEventListener("pointerdown", leave);
      document.removeEventListener("focusin", leave);
      document.removeEventListener("keydown", key);
    };
  }, [open]);
  if (!user) return null;
  const name = user.full_name ?? user.email;
  return (
    <div ref={around} className={c("user")}>
      <button
        type="button"
        className={c("button", "quiet")}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onPointerEnter={() => void load().catch(() => undefined)}
        onClick={() => setOpen(!open)}
      >
        <span className={c("avatar")} aria-hidden="true">
          {Array.from(name)[0]?.toUpperCase()}
        </span>
        <span className={c("who")}>{name}</span>
        <span className={HIDDEN}>, {words.menu}</span>
      </button>
      {open && (
        <div id={id} className={c("menu")}>
          <Menu onClose={() => setOpen(false)}>{children}</Menu>
        </div>
      )}
    </div>
  );
}
