"use client";

/**
 * `@latchkey/react` with the app router of Next.js: its links are the router's, and pages are for who is signed in, or for
 * who isn't. On the server nobody is known, and guards render what is shown meanwhile: what is somebody's is asked for by
 * the browser, with the access token (`@latchkey/client/server` verifies it in a route handler).
 */
// With its ending: the package has no `exports`, so Node finds the module by no other name.
import { usePathname, useRouter } from "next/navigation.js";
import { useCallback, useEffect, type ReactElement, type ReactNode } from "react";
import { useWayBack, useWayIn, type Return } from "./core/back.js";
import { Latchkey, type LatchkeyProps } from "./core/Latchkey.js";
import { useAuth } from "./core/setting.js";
import { RequireSession } from "./parts/Gates.js";
import { Waiting } from "./parts/Waiting.js";

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
      const there = [signIn, signUp, forgotPassword, verifyEmail].includes(to) ? withReturn(to, kept()) : to;
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
  const { user } = useAuth();
  const to = useWayBack(user && kept());
  useEffect(() => {
    if (to !== null) router.replace(to);
  }, [router, to]);
  return to === null ? <>{children}</> : null;
}

/** What the address says of where somebody was going. */
function kept(): Return {
  const asked = new URLSearchParams(window.location.search);
  return { from: asked.get("from"), whose: asked.get("whose") };
}

function withReturn(to: string, { from, whose }: Return): string {
  if (from === null) return to;
  const asked = new URLSearchParams({ from, ...(whose !== null && { whose }) });
  return `${to}${to.includes("?") ? "&" : "?"}${asked.toString()}`;
}
