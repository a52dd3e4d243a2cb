"use client";

/** Which language is spoken, and its table, which may have to be loaded. */
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { en } from "./en.js";
import { pick } from "./pick.js";
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
  /** Whether the table is still to come. */
  pending: boolean;
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
  const [loaded, setLoaded] = useState<{ language: string; table: Table }>();
  const wanted = typeof late === "function" && loaded?.language !== language ? late : undefined;
  const pending = wanted !== undefined;
  useEffect(() => {
    if (!pending) return undefined;
    let current = true;
    const arrived = (table: Table) => current && setLoaded({ language, table });
    wanted().then(arrived, () => arrived({})); // English is better than nothing
    return () => {
      current = false;
    };
    // Not `wanted`: a loader that is written in place is another one each time
  }, [language, pending]);
  const table = typeof late === "object" ? late : loaded?.language === language ? loaded.table : undefined;
  return useMemo(() => {
    const words = { ...en, ...table, ...own };
    const endings = { ...table?.endings, ...own?.endings };
    return { language, words, endings, events: { ...table?.events, ...own?.events }, pending };
  }, [language, table, own, pending]);
}
