"use client";

/** Where somebody was going when they were asked to log in. How it is kept meanwhile is the router's. */
import { useEffect, useState } from "react";
import { useAuth, useSetting } from "./setting.js";

/** The path, and whose page it was, where that is known. */
export interface Return {
  from: string | null;
  whose: string | null;
}

/** Where one logs in, and what to keep of `path`, which isn't for whoever isn't signed in. */
export function useWayIn(path: string): { to: string; back: Return } {
  const { ended, was } = useAuth();
  const { links } = useSetting();
  // Some routers say where they are going while the page before is still shown.
  const [asked] = useState(path);
  // Whoever logs out leaves for good: the next to log in may be somebody else, or is already.
  const from = ended === "logged_out" || ended === "replaced" ? null : asked;
  return { to: links.signIn ?? "/login", back: { from, whose: was } };
}

/** Where whoever is signed in goes on; null while nobody is. `kept` is what the router has, whoever wrote it. */
export function useWayBack(kept: unknown): string | null {
  const { user } = useAuth();
  const { links } = useSetting();
  const [led, setLed] = useState<string | null>(null);
  // Once said it stays: where the router is on its way already, it no longer has what it had kept.
  const to = user && (led ?? returnPath(kept, user.id) ?? links.account ?? "/");
  if (to !== led) setLed(to);
  // Whose it was can't be asked of whoever comes back from elsewhere.
  const onward = user ? null : returnPath(kept, "");
  useEffect(() => {
    going = onward;
    return () => {
      going = null;
    };
  }, [onward]);
  return to;
}

let going: string | null = null;

/** Where whoever logs in now goes on: for a log-in that leaves the page. Null for nowhere in particular. */
export function goingOn(): string | null {
  return going;
}

/** A path, and nothing that browsers take for another site's: they skip tabs and line feeds in addresses. */
const OWN = /^\/(?!\/)[^\\\p{Cc}]*$/u;

/** Only ever a path of this application. */
export function ownPath(path: unknown): string | null {
  return typeof path === "string" && OWN.test(path) ? path : null;
}

/** The same, and not where somebody else was. */
function returnPath(kept: unknown, user: string): string | null {
  const { from, whose } = (typeof kept === "object" && kept !== null ? kept : {}) as Partial<Return>;
  return whose && whose !== user ? null : ownPath(from);
}
