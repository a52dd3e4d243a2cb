/** Who is signed in, for the whole application; and why somebody no longer is. */
import type { EndReason } from "@latchkey/client";
import { LatchkeyProvider } from "@latchkey/client/react";
import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
  type ReactElement,
  type ReactNode,
} from "react";
import { problemOf, type Problem } from "../lib/problem";
import api from "../services/api";
import authService from "../services/authService";
import type { User } from "../services/types";
import userService from "../services/userService";

interface AuthContextType {
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
  /** Whether it is still being found out who the reader is. */
  loading: boolean;
  /** What is in the way of finding out. It is tried again, for as long as it takes. */
  error: Problem | null;
  /** Why the session ended, if there was one: the service's word. */
  ended: string | null;
  /** The service is still to hear that the reader has signed out here. */
  pending: boolean;
  login: (email: string, password: string) => Promise<void>;
  /** Create an account, and log in. False where the address has to be confirmed first. */
  register: (email: string, password: string, fullName?: string) => Promise<boolean>;
  logout: () => Promise<void>;
  logoutEverywhere: () => Promise<void>;
  deleteAccount: () => Promise<void>;
  /** Read the user anew, after a change. */
  checkAuth: () => Promise<void>;
  /** Don't wait for the one who is away: somebody else wants to log in. */
  letGo: () => void;
}

const AuthContext = createContext<AuthContextType | null>(null);

/**
 * Endings that time, a limit or an outage brings. After any other somebody has put this device out, or gone: then nothing of
 * theirs stays in it.
 */
const COMES_BACK: ReadonlySet<string> = new Set<EndReason | "unknown">([
  "expired",
  "too_old",
  "displaced",
  "revoked",
  "unknown",
]);

export function AuthProvider({ children }: { children: ReactNode }): ReactElement {
  const state = useSyncExternalStore(api.subscribe, api.getState);
  useEffect(() => api.start(), []);

  const here = state.status === "signed_in" ? state.user : null;
  const ended = state.status === "signed_out" ? (state.reason ?? null) : null;
  const [last, setLast] = useState<User | null>(null);
  const next = here ?? (ended !== null && COMES_BACK.has(ended) ? last : null);
  if (state.status !== "loading" && next !== last) setLast(next);

  const [was, setWas] = useState<string | null>(null);
  if (here && here.id !== was) setWas(here.id);

  const value = useMemo<AuthContextType>(() => {
    const login = async (email: string, password: string): Promise<void> => {
      await authService.login({ email, password });
    };
    const checkAuth = async (): Promise<void> => {
      await authService.getCurrentUser();
    };
    return {
      user: next,
      was,
      // Where a token doesn't name its session, whose it is will do.
      session: state.status === "signed_in" ? (state.session ?? state.user.id) : null,
      away: here === null && next !== null,
      switched: state.status === "signed_in" && state.switched,
      loading: state.status === "loading",
      error: state.status === "loading" && state.problem ? problemOf(state.problem) : null,
      ended,
      pending: state.status === "signed_out" && (state.pending ?? false),
      login,
      register: async (email, password, fullName) => {
        const made = await authService.register({ email, password, ...(fullName ? { full_name: fullName } : {}) });
        if (made) await login(email, password);
        return made !== undefined;
      },
      logout: () => authService.logout(),
      logoutEverywhere: () => authService.logoutEverywhere(),
      deleteAccount: async () => {
        await userService.deleteMe();
        // The session is gone with the account: asking is how this and all other tabs find out.
        await checkAuth().catch(() => undefined);
      },
      checkAuth,
      letGo: () => setLast(null),
    };
  }, [state, here, next, was, ended]);

  return (
    <LatchkeyProvider client={api}>
      <AuthContext value={value}>{children}</AuthContext>
    </LatchkeyProvider>
  );
}

export function useAuth(): AuthContextType {
  const context = useContext(AuthContext);
  if (!context) throw new Error("useAuth must be used within an AuthProvider");
  return context;
}
