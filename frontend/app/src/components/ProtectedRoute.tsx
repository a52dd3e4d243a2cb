/** Pages for people who are signed in, and among them those for superusers. */
import { RequireSession, useAuth, Waiting } from "@latchkey/react";
import type { ReactElement } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { returnPath, type Return } from "../lib/returnPath";
import NotFoundPage from "../pages/NotFound";
import { AppLayout, WelcomeLayout } from "./Layout";

/** Show the page to its user; send anyone else to log in, and remember where they were going. */
export default function ProtectedRoute(): ReactElement {
  const { loading } = useAuth();
  if (loading) {
    return (
      <WelcomeLayout>
        <Waiting />
      </WelcomeLayout>
    );
  }
  return (
    <RequireSession fallback={<ToLogIn />}>
      <Outlet />
    </RequireSession>
  );
}

function ToLogIn(): ReactElement {
  const { ended, was } = useAuth();
  const location = useLocation();
  // Whoever logs out leaves for good: the next to log in may be somebody else, or is already.
  const from = ended === "logged_out" || ended === "replaced" ? null : location.pathname + location.search;
  return <Navigate to="/login" state={{ from, whose: was } satisfies Return} replace />;
}

/** For superusers. To others these pages don't exist; the service says no to their calls in any case. */
export function SuperuserRoute(): ReactElement {
  const { user } = useAuth();
  return user?.is_superuser ? <Outlet /> : <NotFoundPage />;
}

/** For people who aren't signed in: whoever is has no use for these pages. */
export function GuestRoute(): ReactElement {
  const { user } = useAuth();
  const state: unknown = useLocation().state;
  return user ? <Navigate to={returnPath(state, user.id)} replace /> : <Outlet />;
}

/** An address that there is no page for, in the frame of whoever looks for it. */
export function Nowhere(): ReactElement {
  const { user, away } = useAuth();
  const page = <NotFoundPage />;
  return user && !away ? <AppLayout>{page}</AppLayout> : <WelcomeLayout>{page}</WelcomeLayout>;
}
