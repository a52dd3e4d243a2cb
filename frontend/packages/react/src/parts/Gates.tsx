"use client";

/** What is shown to whom. */
import { Fragment, type ReactElement, type ReactNode } from "react";
import { useAuth } from "../core/setting.js";
import { SessionEnded } from "./SessionEnded.js";
import { SignIn } from "./SignIn.js";
import { Waiting } from "./Waiting.js";

interface GateProps {
  children: ReactNode;
}

/**
 * For whoever is signed in. Another user's page is another page: nothing of the one before stays in it. Whose session ends
 * without anybody having wanted them out logs in again over the page, which stays as it is meanwhile.
 */
export function SignedIn({ children }: GateProps): ReactElement | null {
  const { user } = useAuth();
  if (!user) return null;
  return (
    <Fragment key={user.id}>
      {children}
      <SessionEnded />
    </Fragment>
  );
}

/** For whoever isn't signed in, once that is known. */
export function SignedOut({ children }: GateProps): ReactElement | null {
  const { user, loading } = useAuth();
  return user || loading ? null : <>{children}</>;
}

interface RequireSessionProps extends GateProps {
  /** Shown to whoever isn't signed in, in the place of `<SignIn/>`: for instance what leads to a log-in page. */
  fallback?: ReactNode;
}

/** The page is for whoever is signed in; others log in first. */
export function RequireSession({ fallback, children }: RequireSessionProps): ReactElement {
  const { user, loading } = useAuth();
  if (user) return <SignedIn>{children}</SignedIn>;
  if (loading) return <Waiting />;
  return <>{fallback === undefined ? <SignIn /> : fallback}</>;
}
