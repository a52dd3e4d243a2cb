/** The application, with all that it needs around it but a router. */
import type { Links } from "@latchkey/react";
import { RoutedLatchkey } from "@latchkey/react/react-router";
import { useEffect, type ReactElement } from "react";
import App from "./App";
import { RootBoundary } from "./components/Boundary";
import { ToastProvider } from "./contexts/ToastContext";
import { LANGUAGES, useLanguage } from "./lib/language";
import api from "./services/api";

const LINKS: Links = {
  signIn: "/login",
  signUp: "/register",
  forgotPassword: "/forgot-password",
  verifyEmail: "/verify-email",
  account: "/dashboard",
  settings: "/profile",
};

const entitle = (title: string, product = "Latchkey"): void => {
  document.title = `${title} · ${product}`;
};

export default function Root(): ReactElement {
  const [language] = useLanguage();
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <RootBoundary>
      <RoutedLatchkey client={api} language={language} languages={LANGUAGES} links={LINKS} onTitle={entitle}>
        <ToastProvider>
          <App />
        </ToastProvider>
      </RoutedLatchkey>
    </RootBoundary>
  );
}
