"use client";

/**
 * `@latchkey/react` with the app router of Next.js: its links are the router's, and pages are for who is signed in, or for
 * who isn't. On the server nobody is known, and guards render what is shown meanwhile: what is somebody's is asked for by
 * the browser, with the access token (`@latchkey/client/server` verifies it in a route handler).
 */
// With its ending: the package has no `exports`, so Node finds the module by no other name.
import { usePathname, useRouter } from "next/navigation.js";
import { useCallback, useEffect, useState, type ReactElement, type ReactNode } from "react";
import { useWayBack, useWayIn, type Return } from "./core/back.js";
import { Latchkey, type LatchkeyProps } from "./core/Latchkey.js";
import { useAuth } from "./core/setting.js";
import { RequireSession } from "./parts/Gates.js";
import { Leaving } from "./parts/Moments.js";
import { Waiting } from "./parts/Waiting.js";
import { hasUnsaved } from "./ui/unsaved.js";

interface GuardProps {
  children: ReactNode;
}

/** `<Latchkey>` for the root layout, which follows the links of the parts. */
export function RoutedLatchkey(props: Omit<LatchkeyProps, "navigate">): ReactElement {
  const router = useRouter();
  const { signIn, signUp, forgotPassword, verifyEmail } = props.links ?? {};
  const go = useCallback(
    (to: string, { replace }: { replace: boolean }) => {
      // Where somebody was going goes with them from one page of the log-in to the next. This router keeps nothing but addresses.
      const there = [signIn, signUp, forgotPassword, verifyEmail].includes(to) ? withReturn(to, kept(window)) : to;
      if (replace) router.replace(there);
      else router.push(there);
    },
    [router, signIn, signUp, forgotPassword, verifyEmail],
  );
  return <Latchkey {...props} navigate={go} />;
}

/**
 * For the layout of pages for who is signed in; others are led to `links.signIn`, and back afterwards. `waiting` is shown
 * while that isn't known.
 */
export function SessionRoute({ waiting = <Waiting />, children }: GuardProps & { waiting?: ReactNode }): ReactElement {
  const { loading } = useAuth();
  if (loading) return <>{waiting}</>;
  return <RequireSession fallback={<ToSignIn />}>{children}</RequireSession>;
}

function ToSignIn(): null {
  const router = useRouter();
  // Never shown on the server, where there is no address to ask.
  const { to, back } = useWayIn(usePathname() + window.location.search);
  const there = withReturn(to, back);
  useEffect(() => router.replace(there), [router, there]);
  return null;
}

/** For the layout of pages for who isn't signed in: others are led to where they were going, or to `links.account`. */
export function GuestRoute({ children }: GuardProps): ReactElement | null {
  const router = useRouter();
  const to = useWayBack(typeof window !== "undefined" && kept(window));
  useEffect(() => {
    if (to !== null) router.replace(to);
  }, [router, to]);
  return to === null ? <>{children}</> : null;
}

/** What the address says of where somebody was going. */
function kept({ location }: Window): Return {
  const asked = new URLSearchParams(location.search);
  return { from: asked.get("from"), whose: asked.get("whose") };
}

function withReturn(to: string, { from, whose }: Return): string {
  if (from === null) return to;
  const asked = new URLSearchParams({ from, ...(whose !== null && { whose }) });
  return `${to}${to.includes("?") ? "&" : "?"}${asked.toString()}`;
}

/**
 * Asks whoever follows a link with something typed and not sent. Put it once into the layout of the pages. This router can't
 * be held back on the way back in the history; closing the tab, or loading another page, is asked about by the browser.
 */
export function AskToLeave(): ReactElement | null {
  const router = useRouter();
  const [to, setTo] = useState<string | null>(null);
  useEffect(() => {
    // Before the router's own links hear of it.
    const hold = (event: MouseEvent): void => {
      const link = event.target instanceof Element && event.target.closest("a");
      const there = link && hasUnsaved() ? followed(event, link) : null;
      if (there === null) return;
      event.preventDefault();
      event.stopPropagation();
      setTo(there);
    };
    document.addEventListener("click", hold, true);
    // What asks is there also when the network has gone meanwhile.
    import("./parts/Leaving.js").catch(() => undefined);
    return () => document.removeEventListener("click", hold, true);
  }, []);
  if (to === null) return null;
  const leave = (): void => {
    setTo(null);
    router.push(to);
  };
  return <Leaving onLeave={leave} onStay={() => setTo(null)} />;
}

/** Where a click on a link leads in this tab and this application; null where it doesn't, or stays on the page. */
function followed(event: MouseEvent, link: HTMLAnchorElement): string | null {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  if ((link.target && link.target !== "_self") || link.hasAttribute("download")) return null;
  const { origin, pathname } = window.location;
  return link.origin === origin && link.pathname !== pathname ? link.pathname + link.search + link.hash : null;
}
