/** Who is signed in, for the whole application; and why somebody no longer is. */
import { LatchkeyProvider } from "@latchkey/client/react";
import {
  createContext,
  useContext,
  useEffect,
  useMemo,
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
  /** The reader, once known. */
  user: User | null;
  /** Whether it is still being found out who the reader is. */
  loading: boolean;
  /** What is in the way of finding out. It is tried again, for as long as it takes. */
  error: Problem | null;
  /** Why the session ended, if there was one: the service's word. */
  ended: string | null;
  login: (email: string, password: string) => Promise<void>;
  /** Create an account, and log in. False where the address has to be confirmed first. */
  register: (email: string, password: string, fullName?: string) => Promise<boolean>;
  logout: () => Promise<void>;
  logoutEverywhere: () => Promise<void>;
  deleteAccount: () => Promise<void>;
  /** Read the user anew, after a change. */
  checkAuth: () => Promise<void>;
}

const AuthContext = createContext<AuthContextType | null>(null);

export function AuthProvider({ children }: { children: ReactNode }): ReactElement {
  const state = useSyncExternalStore(api.subscribe, api.getState);
  useEffect(() => api.start(), []);

  const value = useMemo<AuthContextType>(() => {
    const login = async (email: string, password: string): Promise<void> => {
      await authService.login({ email, password });
    };
    const checkAuth = async (): Promise<void> => {
      await authService.getCurrentUser();
    };
    return {
      user: state.status === "signed_in" ? state.user : null,
      loading: state.status === "loading",
      error: state.status === "loading" && state.problem ? problemOf(state.problem) : null,
      ended: state.status === "signed_out" ? (state.reason ?? null) : null,
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
    };
  }, [state]);

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
