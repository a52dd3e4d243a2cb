"use client";

import { createContext, useCallback, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { ReactElement, ReactNode } from "react";
import type { LatchkeyClient } from "./client.js";
import { forgetLetterToken, letterToken } from "./letter.js";
import { useMailLoginOf, type MailLogin, type MailOffer } from "./mail.js";
import type { components } from "./schema.js";
import { LOADING, type State, type User } from "./state.js";

export type { MailAsked, MailLogin, MailOffer } from "./mail.js";

export type DeviceSession = components["schemas"]["SessionResponse"];

const Context = createContext<LatchkeyClient | null>(null);

/** Gives `client` to everything inside. */
export function LatchkeyProvider({ client, children }: { client: LatchkeyClient; children: ReactNode }): ReactElement {
  return <Context.Provider value={client}>{children}</Context.Provider>;
}

/** The client of the provider around. */
export function useLatchkey(): LatchkeyClient {
  const client = useContext(Context);
  if (!client) throw new Error("useLatchkey needs a LatchkeyProvider around it");
  return client;
}

/** The session's state; on a server, and in the first render of a page that came from one, it is loading. */
export function useSession(): State {
  const client = useLatchkey();
  return useSyncExternalStore(client.subscribe, client.getState, () => LOADING);
}

/** Who is signed in; null for nobody, or not known yet. */
export function useUser(): User | null {
  const state = useSession();
  return state.status === "signed_in" ? state.user : null;
}

/**
 * The token of the link in a letter that led to this page, which outlives a reload; null without one. The second thing
 * forgets it: call that once it is spent, or no good.
 */
export function useLetterToken(): [token: string | null, forget: () => void] {
  const [token] = useState(letterToken);
  return [token, forgetLetterToken];
}

/** Logging in by mail, where the service offers it. Whoever knows what it offers says so: then it isn't asked for here. */
export function useMailLogin(known?: MailOffer | null): MailLogin {
  return useMailLoginOf(useLatchkey(), known);
}

export interface Sessions {
  /** Undefined until they have arrived, and while nobody is signed in. */
  sessions: DeviceSession[] | undefined;
  error: unknown;
  reload: () => Promise<void>;
  end: (id: string) => Promise<void>;
  endOthers: () => Promise<void>;
}

interface Found {
  whose: string;
  sessions?: DeviceSession[];
  error?: unknown;
}

/** Focus and visibility come together: one question is enough. */
const NEWS_AFTER = 1_000;

/** The user's sessions, the one used last first; asked for anew when the page is looked at again. */
export function useSessions(): Sessions {
  const client = useLatchkey();
  const state = useSession();
  // One user's devices are never shown to the next, nor those of one session under another.
  const whose = state.status === "signed_in" ? `${state.user.id} ${state.session}` : null;
  const [found, setFound] = useState<Found>();
  const latest = useRef(0);
  const asked = useRef(0);
  const reload = useCallback(async () => {
    if (whose === null) return;
    // An answer that a newer question has overtaken is old news.
    const number = ++latest.current;
    asked.current = Date.now();
    const { sessions, error } = await client.call("GET", "/api/sessions").then(
      (sessions) => ({ sessions, error: undefined }),
      (error: unknown) => ({ sessions: undefined, error }),
    );
    if (number !== latest.current) return;
    // What is known stays when asking again fails.
    setFound((before) => {
      const known = sessions ?? (before?.whose === whose ? before.sessions : undefined);
      return { whose, error, ...(known && { sessions: known }) };
    });
  }, [client, whose]);
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === "visible" && Date.now() - asked.current > NEWS_AFTER) void reload();
    };
    void reload();
    if (typeof document === "undefined") return undefined; // React Native: `reload` is the application's to call
    window.addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      window.removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [reload]);
  const end = useCallback(
    async (id: string) => {
      await client.call("DELETE", "/api/sessions/{session_id}", { path: { session_id: id } });
      await reload();
    },
    [client, reload],
  );
  const endOthers = useCallback(async () => {
    await client.call("DELETE", "/api/sessions");
    await reload();
  }, [client, reload]);
  const own = found?.whose === whose ? found : undefined;
  return { sessions: own?.sessions, error: own?.error, reload, end, endOthers };
}
