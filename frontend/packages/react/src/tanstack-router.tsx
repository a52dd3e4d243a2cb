"use client";

/** `@latchkey/react` with TanStack Router: its links are the router's, and routes are for who is signed in, or for who isn't. */
import type { LatchkeyClient, User } from "@latchkey/client";
import { Outlet, redirect, useBlocker, useLocation, useRouter } from "@tanstack/react-router";
import { useCallback, useEffect, type ReactElement, type ReactNode } from "react";
import { useWayBack, useWayIn, type Return } from "./core/back.js";
import { userOf } from "./core/known.js";
import { Latchkey, type LatchkeyProps } from "./core/Latchkey.js";
import { useAuth } from "./core/setting.js";
import { RequireSession } from "./parts/Gates.js";
import { Leaving } from "./parts/Moments.js";
import { Waiting } from "./parts/Waiting.js";
import { hasUnsaved } from "./ui/unsaved.js";

/** What is kept in the history while somebody logs in: an entry of the application's own history is never written over. */
interface Kept {
  latchkey?: Return;
}

/** `<Latchkey>` for the component of the root route, which follows the links of the parts. */
export function RoutedLatchkey(props: Omit<LatchkeyProps, "navigate">): ReactElement {
  const router = useRouter();
  const account = props.links?.account;
  const go = useCallback(
    (to: string, { replace }: { replace: boolean }) => {
      // Where somebody was going goes with them from one page of the log-in to the next.
      const { latchkey } = router.latestLocation.state as Kept;
      void router.navigate({ href: to, replace, state: to === account || !latchkey ? {} : kept(latchkey) });
    },
    [router, account],
  );
  return <Latchkey {...props} navigate={go} />;
}

/**
 * The component of a route whose pages are for who is signed in; others are led to `links.signIn`, and back afterwards.
 * `waiting` is shown while that isn't known.
 */
export function SessionRoute({ waiting = <Waiting /> }: { waiting?: ReactNode }): ReactElement {
  const { loading } = useAuth();
  if (loading) return <>{waiting}</>;
  return (
    <RequireSession fallback={<ToSignIn />}>
      <Outlet />
    </RequireSession>
  );
}

function ToSignIn(): null {
  const { to, back } = useWayIn(useLocation().href);
  return useLeading(to, back);
}

/** The component of a route whose pages are for who isn't signed in: others are led to where they were going, or to `links.account`. */
export function GuestRoute(): ReactElement | null {
  const to = useWayBack((useLocation().state as Kept).latchkey);
  useLeading(to);
  return to === null ? <Outlet /> : null;
}

/** Lead to `to`, once. */
function useLeading(to: string | null, back?: Return): null {
  const router = useRouter();
  const { from, whose } = back ?? {};
  useEffect(() => {
    if (to === null) return;
    const state = from === undefined || whose === undefined ? {} : kept({ from, whose });
    void router.navigate({ href: to, replace: true, state });
  }, [router, to, from, whose]);
  return null;
}

/**
 * For `beforeLoad` of a route whose loader needs the user: puts them into the route's context, and leads whoever isn't
 * signed in to `signIn`. Its component is `SessionRoute` all the same, as a session can end while the page is open.
 */
export function requireUser(
  client: LatchkeyClient,
  signIn = "/login",
): (route: { location: { href: string } }) => Promise<{ user: User }> {
  return async ({ location }) => {
    const user = await userOf(client);
    if (user) return { user };
    // A redirect is what TanStack Router wants thrown; it is no error.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw redirect({ href: signIn, replace: true, state: kept({ from: location.href, whose: null }) });
  };
}

/** Asks whoever leaves a page with something typed and not sent. Put it once into the frame of the pages. */
export function AskToLeave(): ReactElement | null {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => current.pathname !== next.pathname && hasUnsaved(),
    // Forms ask by themselves when the page is closed.
    enableBeforeUnload: false,
    withResolver: true,
  });
  useEffect(() => {
    // What asks is there also when the network has gone meanwhile.
    import("./parts/Leaving.js").catch(() => undefined);
  }, []);
  if (blocker.status !== "blocked") return null;
  return <Leaving onLeave={() => blocker.proceed()} onStay={() => blocker.reset()} />;
}

/** The router's types know what an application keeps in its history, and nothing of what we do. */
function kept(latchkey: Return): object {
  return { latchkey } satisfies Kept;
}
