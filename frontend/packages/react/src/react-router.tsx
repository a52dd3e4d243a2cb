"use client";

/** `@latchkey/react` with React Router: its links are the router's, and routes are for who is signed in, or for who isn't. */
import { useCallback, useEffect, type ReactElement, type ReactNode } from "react";
import { Navigate, Outlet, useBlocker, useLocation, useNavigate } from "react-router";
import { useWayBack, useWayIn } from "./core/back.js";
import { Latchkey, type LatchkeyProps } from "./core/Latchkey.js";
import { useAuth } from "./core/setting.js";
import { addressOf, type Place } from "./parts/admin/place.js";
import { RequireSession } from "./parts/Gates.js";
import { Leaving } from "./parts/Moments.js";
import { Waiting } from "./parts/Waiting.js";
import { hasUnsaved } from "./ui/unsaved.js";

/** `<Latchkey>` inside a router, which follows the links of the parts. */
export function RoutedLatchkey(props: Omit<LatchkeyProps, "navigate">): ReactElement {
  const navigate = useNavigate();
  const { state } = useLocation() as { state: unknown };
  const account = props.links?.account;
  const go = useCallback(
    (to: string, { replace }: { replace: boolean }) => {
      // Where somebody was going goes with them from one page of the log-in to the next.
      void navigate(to, { replace, state: to === account ? null : state });
    },
    [navigate, state, account],
  );
  return <Latchkey {...props} navigate={go} />;
}

/**
 * A route whose pages are for who is signed in; others are led to `links.signIn`, and back afterwards. `waiting` is shown
 * while that isn't known.
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

function ToSignIn(): ReactElement {
  const { pathname, search } = useLocation();
  const { to, back } = useWayIn(pathname + search);
  return <Navigate to={to} state={back} replace />;
}

/** A route whose pages are for who isn't signed in: others are led to where they were going, or to `links.account`. */
export function GuestRoute(): ReactElement {
  const to = useWayBack(useLocation().state);
  return to === null ? <Outlet /> : <Navigate to={to} replace />;
}

/**
 * The place of a part that has all addresses from `base` on to itself: `<AdminUsers {...usePlaceAt("/admin/users")} />` in
 * the route `/admin/users/*`.
 */
export function usePlaceAt(base: string): Required<Place> {
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const onAt = useCallback(
    (at: string, { replace }: { replace: boolean }) => void navigate(addressOf(base, at), { replace }),
    [navigate, base],
  );
  return { at: pathname.slice(base.length).replace(/^\//, "") + search, onAt };
}

/** Asks whoever leaves a page with something typed and not sent. Put it once into the frame of the pages; it needs a data router. */
export function AskToLeave(): ReactElement | null {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => currentLocation.pathname !== nextLocation.pathname && hasUnsaved(),
  );
  useEffect(() => {
    // What asks is there also when the network has gone meanwhile.
    import("./parts/Leaving.js").catch(() => undefined);
  }, []);
  if (blocker.state !== "blocked") return null;
  return <Leaving onLeave={() => blocker.proceed()} onStay={() => blocker.reset()} />;
}
