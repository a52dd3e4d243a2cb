"use client";

/** Who is signed in, and why somebody no longer is. */
import type { LatchkeyClient, Reason, State, User } from "@latchkey/client";
import { useMemo, useState, useSyncExternalStore } from "react";

export interface Auth {
  /** Whose page it is, once known: the reader's, also while they only have to log in again (see `away`). */
  user: User | null;
  /** Who was signed in here last, by id, since the page was loaded. */
  was: string | null;
  /** The session's id; null while nobody is signed in. */
  session: string | null;
  /** The session ended, though nobody wanted its owner out: the page stays as it is until they have logged in again. */
  away: boolean;
  /** Somebody else was signed in here, and the reader has not logged in on this page. */
  switched: boolean;
  /** This browser doesn't keep the session: it ends with the page. */
  fleeting: boolean;
  /** Whether it is still being found out who the reader is. */
  loading: boolean;
  /** What is in the way of finding out. It is tried again, for as long as it takes. */
  error: Error | null;
  /** Try now, rather than when it is time. */
  retry: () => void;
  /** Why the session ended, if there was one. */
  ended: Reason | null;
  /** The service is still to hear that the reader has logged out here. */
  pending: boolean;
  /** Don't wait for the one who is away: somebody else wants to log in. */
  letGo: () => void;
}

const LOADING: State = { status: "loading" };

/**
 * Endings that time, a limit, an outage or a lost key brings. After any other somebody has put this device out, or gone: then nothing of
 * theirs stays in it.
 */
const COMES_BACK: readonly string[] = ["expired", "too_old", "displaced", "revoked", "unproven", "unknown"];

/** Follow the session of `client`. */
export function useAuthOf(client: LatchkeyClient): Auth {
  const state = useSyncExternalStore(client.subscribe, client.getState, () => LOADING);
  const signedIn = state.status === "signed_in" ? state : null;
  const signedOut = state.status === "signed_out" ? state : null;
  const loading = state.status === "loading" ? state : null;
  const here = signedIn?.user ?? null;
  const ended = signedOut?.reason ?? null;
  const [last, setLast] = useState<User | null>(null);
  const next = here ?? (ended !== null && COMES_BACK.includes(ended) ? last : null);
  if (!loading && next !== last) setLast(next);
  const [was, setWas] = useState<string | null>(null);
  if (here && here.id !== was) setWas(here.id);
  return useMemo(
    () => ({
      user: next,
      was,
      // Where a token doesn't name its session, whose it is will do.
      session: signedIn?.session ?? here?.id ?? null,
      away: here === null && next !== null,
      switched: signedIn?.switched ?? false,
      fleeting: signedIn?.fleeting ?? false,
      loading: loading !== null,
      error: loading?.problem ?? null,
      retry: () => {
        client.stop();
        client.start();
      },
      ended,
      pending: signedOut?.pending ?? false,
      letGo: () => setLast(null),
    }),
    [client, signedIn, signedOut, loading, here, next, was, ended],
  );
}
