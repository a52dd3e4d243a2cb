/** Who is signed in, for the whole application; and why somebody no longer is. */
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  type ReactElement,
  type ReactNode,
} from "react";
import { isPassing, problemOf, type Problem } from "../lib/problem";
import authService from "../services/authService";
import type { User } from "../services/types";
import userService from "../services/userService";

interface AuthContextType {
  /** The reader, once known. */
  user: User | null;
  /** Whether it is still being found out who the reader is. */
  loading: boolean;
  /** Why that can't be found out at the moment. It is tried again. */
  problem: Problem | null;
  /** Why the reader's session ended, if it was not before this page was loaded; see lib/endings.ts. */
  ended: string | null;
  login: (email: string, password: string) => Promise<void>;
  /** Create an account and log in. False where the address has to be confirmed first. */
  register: (email: string, password: string, fullName?: string) => Promise<boolean>;
  logout: () => Promise<void>;
  logoutEverywhere: () => Promise<void>;
  deleteAccount: () => Promise<void>;
  /** Ask the service again who the reader is. */
  checkAuth: () => Promise<void>;
  /** Show what a change answered. */
  setUser: (user: User) => void;
}

const AuthContext = createContext<AuthContextType | null>(null);

const RETRY_SECONDS = 3;

export function AuthProvider({ children }: { children: ReactNode }): ReactElement {
  const [user, setUser] = useState<User | null>(null);
  const [loading, setLoading] = useState(true);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [ended, setEnded] = useState<string | null>(null);

  const checkAuth = useCallback(async () => {
    try {
      setUser((await authService.restore()) ? await authService.getCurrentUser() : null);
      setProblem(null);
      setLoading(false);
    } catch (error) {
      // A session that the service ended is known through onEnd; everything else says nothing about the session.
      const found = problemOf(error);
      setProblem(found.status === 400 || found.status === 401 ? null : found);
      setLoading(false);
    }
  }, []);

  useEffect(() => void checkAuth(), [checkAuth]);

  useEffect(() => {
    if (!problem || !isPassing(problem)) return undefined;
    const timer = setTimeout(() => void checkAuth(), (problem.retryAfter ?? RETRY_SECONDS) * 1000);
    return () => clearTimeout(timer);
  }, [problem, checkAuth]);

  useEffect(
    () =>
      authService.onChange((signedIn, reason) => {
        if (signedIn) {
          void checkAuth();
        } else {
          setUser(null);
          setEnded(reason);
        }
      }),
    [checkAuth],
  );

  const value = useMemo<AuthContextType>(() => {
    const login = async (email: string, password: string): Promise<void> => {
      await authService.login({ email, password });
      setUser(await authService.getCurrentUser());
      setEnded(null);
    };
    return {
      user,
      loading,
      problem,
      ended,
      login,
      register: async (email, password, fullName) => {
        const made = await authService.register({ email, password, ...(fullName ? { full_name: fullName } : {}) });
        if (made) await login(email, password);
        return made !== null;
      },
      logout: () => authService.logout(),
      logoutEverywhere: () => authService.logoutEverywhere(),
      deleteAccount: async () => {
        await userService.deleteMe();
        authService.forget("user_deleted");
      },
      checkAuth,
      setUser,
    };
  }, [user, loading, problem, ended, checkAuth]);

  return <AuthContext value={value}>{children}</AuthContext>;
}

export function useAuth(): AuthContextType {
  const context = useContext(AuthContext);
  if (!context) throw new Error("useAuth must be used within an AuthProvider");
  return context;
}
