import { createContext, useCallback, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { ReactElement, ReactNode } from "react";
import type { LatchkeyClient, State, User } from "./client.js";
import { useMailLoginOf, type MailLogin } from "./mail.js";
import type { components } from "./schema.js";

export type { MailAsked, MailLogin, MailOffer } from "./mail.js";

export type DeviceSession = components["schemas"]["SessionResponse"];

const Context = createContext<LatchkeyClient | null>(null);
const LOADING: State = { status: "loading" };

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

/** Logging in by mail, where the service offers it. */
export function useMailLogin(): MailLogin {
  return useMailLoginOf(useLatchkey());
}

export interface Sessions {
  /** Undefined until they have arrived. */
  sessions: DeviceSession[] | undefined;
  error: unknown;
  reload: () => Promise<void>;
  end: (id: string) => Promise<void>;
  endOthers: () => Promise<void>;
}

/** The user's sessions, the one used last first. */
export function useSessions(): Sessions {
  const client = useLatchkey();
  const [sessions, setSessions] = useState<DeviceSession[]>();
  const [error, setError] = useState<unknown>();
  const latest = useRef(0);
  const reload = useCallback(() => {
    // An answer that a newer question has overtaken is old news.
    const asked = ++latest.current;
    return client.call("GET", "/api/sessions").then(
      (found) => {
        if (asked !== latest.current) return;
        setSessions(found);
        setError(undefined);
      },
      (problem: unknown) => {
        if (asked === latest.current) setError(problem);
      },
    );
  }, [client]);
  useEffect(() => void reload(), [reload]);
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
  return { sessions, error, reload, end, endOthers };
}
