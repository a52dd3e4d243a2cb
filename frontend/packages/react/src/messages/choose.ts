"use client";

/** Which language is spoken, and its table, which may have to be loaded. */
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { en } from "./en.js";
import { FALLBACK, pick } from "./pick.js";
import type { FirstWords, Table } from "./table.js";

/** A table, or how to load it when it is wanted. */
export type Late = Table | (() => Promise<Table>);

/** Languages by their tag, such as `{ de }`. English is always there. */
export type Languages = Readonly<Record<string, Late>>;

export interface Spoken {
  language: string;
  words: FirstWords;
  endings: Table["endings"];
  events: Table["events"];
  /** Whether there is nothing yet to say it in. */
  pending: boolean;
}

interface Loaded {
  /** The language that was wanted, and the one that it is: another where that couldn't be had. */
  wanted: string;
  language: string;
  table: Table | undefined;
}

const never = () => () => undefined;

/**
 * The language `given`; without one the page's own (`<html lang>`), then the reader's. `own` replaces single messages.
 * On a server, and in the first render of what came from one, it is the given one, or English.
 */
export function useLanguage(given: string | undefined, languages: Languages, own: Table | undefined): Spoken {
  const known = Object.keys(languages);
  const language = useSyncExternalStore(
    never,
    () => pick(given ? [given] : [document.documentElement.lang, ...navigator.languages], known),
    () => pick([given], known),
  );
  const late = languages[language];
  const [loaded, setLoaded] = useState<Loaded>();
  const missing = typeof late === "function" && loaded?.wanted !== language ? late : undefined;
  const waiting = missing !== undefined;
  useEffect(() => {
    if (!waiting) return undefined;
    let current = true;
    const arrived = (found: Loaded) => current && setLoaded(found);
    missing().then(
      (table) => arrived({ wanted: language, language, table }),
      () => arrived({ wanted: language, language: FALLBACK, table: undefined }), // better than nothing
    );
    return () => {
      current = false;
    };
    // Not `missing`: a loader that is written in place is another one each time.
  }, [language, waiting]);
  // What is said stays as it is until another language has come.
  const now = typeof late === "function" ? (waiting ? undefined : loaded) : { wanted: language, language, table: late };
  const [before, setBefore] = useState(now);
  if (now && (now.language !== before?.language || now.table !== before.table)) setBefore(now);
  const spoken = now ?? before;
  const pending = spoken === undefined;
  const { language: tongue, table } = spoken ?? { language: FALLBACK, table: undefined };
  return useMemo(() => {
    const words = { ...en, ...table, ...own };
    const endings = { ...table?.endings, ...own?.endings };
    return { language: tongue, words, endings, events: { ...table?.events, ...own?.events }, pending };
  }, [tongue, table, own, pending]);
}
