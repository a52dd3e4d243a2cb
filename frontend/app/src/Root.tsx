/** The application, with all that it needs around it but a router. */
import { Latchkey, pick, type Links } from "@latchkey/react";
import { useCallback, useEffect, type ReactElement } from "react";
import { useLocation, useNavigate } from "react-router";
import App from "./App";
import { RootBoundary } from "./components/Boundary";
import { ToastProvider } from "./contexts/ToastContext";
import api from "./services/api";

const LINKS: Links = {
  signIn: "/login",
  signUp: "/register",
  forgotPassword: "/forgot-password",
  verifyEmail: "/verify-email",
  account: "/dashboard",
};

const LANGUAGES = { de: () => import("./words/de").then(({ de }) => de) };

/** The reader's language, of those that there are. */
const language = pick(navigator.languages, Object.keys(LANGUAGES));

const entitle = (title: string, product = "Latchkey"): void => {
  document.title = `${title} · ${product}`;
};

export default function Root(): ReactElement {
  const navigate = useNavigate();
  const { state } = useLocation() as { state: unknown };
  const go = useCallback(
    (to: string, { replace }: { replace: boolean }) => {
      // Where somebody was going, before they were asked to log in, goes with them from one such page to the next.
      void navigate(to, { replace, state: to === LINKS.account ? null : state });
    },
    [navigate, state],
  );
  useEffect(() => {
    document.documentElement.lang = language;
  }, []);
  return (
    <RootBoundary>
      <Latchkey
        client={api}
        language={language}
        languages={LANGUAGES}
        links={LINKS}
        navigate={go}
        onTitle={entitle}
        // The pages for who is signed in ask by themselves.
        stepUp={false}
      >
        <ToastProvider>
          <App />
        </ToastProvider>
      </Latchkey>
    </RootBoundary>
  );
}
