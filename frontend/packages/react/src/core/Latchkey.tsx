"use client";

/** The one element round an application: its client, its language, and what the service offers. */
import { LatchkeyClient, type ProblemError, type Options as ClientOptions } from "@latchkey/client";
import { LatchkeyProvider } from "@latchkey/client/react";
import { useCallback, useEffect, useMemo, useRef, useState, type ReactElement, type ReactNode } from "react";
import { useLanguage, type Languages } from "../messages/choose.js";
import type { Table } from "../messages/table.js";
import { useAuthOf } from "./auth.js";
import { useOptionsOf } from "./options.js";
import {
  AuthContext,
  memory,
  SettingContext,
  type ClassNames,
  type Links,
  type Navigate,
  type Setting,
} from "./setting.js";
import { StepUpHost } from "./StepUpHost.js";

export interface LatchkeyProps {
  /** The client; it is started here, and stopped. Without one it is made, with `options`. */
  client?: LatchkeyClient;
  /** What the client is made with: `baseUrl`, `origins`, … Read once. */
  options?: ClientOptions;
  /** The language's tag. Without it: the page's own (`<html lang>`), or the reader's, of those there are. */
  language?: string;
  /** Languages beside English: `{ de }`, or `{ de: () => import("@latchkey/react/de").then(({ de }) => de) }`. */
  languages?: Languages;
  /** Messages of one's own, in the place of single ones. */
  messages?: Table;
  /** How one goes to another page: the router's. Without it pages are loaded. */
  navigate?: Navigate;
  /** Where the pages are. */
  links?: Links;
  /** Classes of one's own, beside those of `styles.css`. */
  classNames?: ClassNames;
  /** `"none"`: no classes but one's own. */
  appearance?: "latchkey" | "none";
  /** Told of the title of the page that is shown, and of the product's name once that is known, for instance to put it into `document.title`. */
  onTitle?: (title: string, product: string | undefined) => void;
  /** Ask for the password when a call wants a fresh session. */
  stepUp?: boolean;
  children: ReactNode;
}

const NONE = {};

/** Starts the client, finds out who is there and what the service offers, and shares it with all parts inside. */
export function Latchkey({
  client: given,
  options,
  language: wanted,
  languages = NONE,
  messages,
  navigate,
  links = NONE,
  classNames = NONE,
  appearance = "latchkey",
  onTitle,
  stepUp = true,
  children,
}: LatchkeyProps): ReactElement {
  const [made] = useState(() => given ?? new LatchkeyClient(options));
  const client = given ?? made;
  useEffect(() => {
    client.start();
    // Also one that was given: while developing, the module that makes it is loaded anew, and another takes its place.
    return () => client.stop();
  }, [client]);

  const asked = useOptionsOf(client);
  const auth = useAuthOf(client);
  const { language, words, endings, events, pending } = useLanguage(wanted, languages, messages);
  const [owed, owe] = useState<ProblemError | null>(null);
  const [over, show] = useState<ReactElement | null>(null);
  // Whoever is in owes nothing more, whichever way they came.
  if (owed && auth.session !== null) owe(null);
  const [moved] = useState(() => memory(false));
  const [address] = useState(() => memory(""));
  const { fleeting } = auth;
  useEffect(() => {
    // What is shown already may be shown once only: recovery codes.
    if (!fleeting) return;
    import("../parts/NotKept.js").then(
      ({ NotKept }) => show((now) => now ?? <NotKept />),
      () => undefined,
    );
  }, [fleeting]);
  const somebody = auth.user !== null;
  useEffect(() => {
    if (!somebody) return;
    moved.set(true);
    // Who logs out here leaves no address to the next one.
    address.set("");
  }, [somebody, moved, address]);
  const going = useRef(navigate);
  useEffect(() => {
    going.current = navigate;
  });
  const go = useCallback(
    (to: string, replace = false) => {
      moved.set(true);
      if (going.current) going.current(to, { replace });
      else if (replace) window.location.replace(to);
      else window.location.assign(to);
    },
    [moved],
  );
  const [claims, setClaims] = useState<readonly object[]>([]);
  const claim = useCallback((one: object) => {
    setClaims((all) => [...all, one]);
    return () => setClaims((all) => all.filter((other) => other !== one));
  }, []);
  const [claimed] = claims;
  const styled = appearance !== "none";
  const setting = useMemo<Setting>(
    () => ({
      ...{ client, asked, language, words, endings, events, links, classNames, styled },
      ...{ go, moved, address, claim, claimed, onTitle, owed, owe, show },
    }),
    [
      client,
      asked,
      language,
      words,
      endings,
      events,
      links,
      classNames,
      styled,
      go,
      moved,
      address,
      claim,
      claimed,
      onTitle,
      owed,
    ],
  );
  // Nothing is said in the wrong language first.
  const inside = pending ? null : children;
  return (
    <LatchkeyProvider client={client}>
      <SettingContext.Provider value={setting}>
        <AuthContext.Provider value={auth}>
          {inside}
          {over}
          {stepUp && <StepUpHost />}
        </AuthContext.Provider>
      </SettingContext.Provider>
    </LatchkeyProvider>
  );
}
