/** Pages for superusers, and the place of those that aren't there. */
import { useAuth } from "@latchkey/react";
import type { ReactElement } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import NotFoundPage from "../pages/NotFound";
import { AppLayout, WelcomeLayout } from "./Layout";

/** For superusers. To others these pages don't exist; the service says no to their calls in any case. */
export function SuperuserRoute(): ReactElement {
  const { user } = useAuth();
  return user?.is_superuser ? <Outlet /> : <NotFoundPage />;
}

/** An address that there is no page for, in the frame of whoever looks for it. */
export function Nowhere(): ReactElement {
  const { user, away } = useAuth();
  const { pathname } = useLocation();
  // A mail gateway has written the # of a letter's link as a part of its path.
  const meant = pathname.replace(/(?:#|%23)(?=token=)/i, "#");
  if (meant.includes("#")) return <Navigate to={meant} replace />;
  const page = <NotFoundPage />;
  return user && !away ? <AppLayout>{page}</AppLayout> : <WelcomeLayout>{page}</WelcomeLayout>;
}
