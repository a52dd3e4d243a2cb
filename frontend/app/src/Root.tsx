/** The application, with all that it needs around it but a router. */
import { RoutedLatchkey } from "@latchkey/react/react-router";
import { useEffect, type ReactElement } from "react";
import App from "./App";
import { RootBoundary } from "./components/Boundary";
import { LANGUAGES, useLanguage } from "./lib/language";
import { LINKS } from "./lib/links";
import api from "./services/api";

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
        <App />
      </RoutedLatchkey>
    </RootBoundary>
  );
}
