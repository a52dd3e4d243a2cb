/** Pages for people who are signed in, and among them those for superusers. */
import { Fragment, type ReactElement } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { useAuth } from "../contexts/AuthContext";
import { returnPath, type Return } from "../lib/returnPath";
import { WelcomeLayout } from "./Layout";
import { Skeleton } from "./Loading";
import { ProblemNotice } from "./ProblemNotice";

/** Show the page to its user; send anyone else to log in, and remember where they were going. */
export default function ProtectedRoute(): ReactElement {
  const { user, loading, error, ended, was } = useAuth();
  const location = useLocation();
  // Another user's page is another page: nothing of the one before stays in it.
  if (user) {
    return (
      <Fragment key={user.id}>
        <Outlet />
      </Fragment>
    );
  }
  if (loading) {
    return <WelcomeLayout>{error ? <ProblemNotice problem={error} retrying /> : <Skeleton lines={4} />}</WelcomeLayout>;
  }
  // Whoever logs out leaves for good: the next to log in may be somebody else, or is already.
  const from = ended === "logged_out" || ended === "replaced" ? null : location.pathname + location.search;
  return <Navigate to="/login" state={{ from, whose: was } satisfies Return} replace />;
}

/** For superusers. To others these pages don't exist; the service says no to their calls in any case. */
export function SuperuserRoute(): ReactElement {
  const { user } = useAuth();
  return user?.is_superuser ? <Outlet /> : <Navigate to="/404" replace />;
}

/** For people who aren't signed in: whoever is has no use for these pages. */
export function GuestRoute(): ReactElement {
  const { user } = useAuth();
  const state: unknown = useLocation().state;
  return user ? <Navigate to={returnPath(state, user.id)} replace /> : <Outlet />;
}
