"use client";

/** Parts that are loaded when they are needed bring what they say along, in the language that is spoken. */
import { createContext, useContext, useEffect, useMemo, useState, type ComponentType, type ReactElement } from "react";
import type { SecondWords } from "../messages/table.js";
import { Waiting } from "../parts/Waiting.js";
import { useSetting, useWords } from "./setting.js";

/** Tables by their language, to be loaded. English is with the parts. */
type Tables<Words> = Readonly<Partial<Record<string, () => Promise<Partial<Words>>>>>;

/** The table of the language that is spoken: undefined until the first one is there. */
export function useLateTable<Words>(tables: Tables<Words>): Partial<Words> | undefined {
  const { language } = useSetting();
  const load = tables[language];
  const [loaded, setLoaded] = useState<Partial<Words> | undefined>(load ? undefined : ENGLISH);
  useEffect(() => {
    if (!load) return undefined;
    let current = true;
    const arrived = (table: Partial<Words>) => current && setLoaded(table);
    // Better in English than not at all.
    load().then(arrived, () => arrived({}));
    return () => {
      current = false;
    };
  }, [load]);
  // What is said stays as it is until another language has come: what is half typed must not go.
  return load ? loaded : ENGLISH;
}

const ENGLISH = {};

/** What we have besides English. A language of one's own says these messages in its table, as it does all others. */
const TABLES: Tables<SecondWords> = {
  de: () => import("../messages/de.second.js").then(({ deSecond }) => deSecond),
};

const TableContext = createContext<Partial<SecondWords>>(ENGLISH);

/** `Part` with what it says about second factors and passkeys; `Meanwhile` is shown until that is there. */
export function spoken<P extends object>(
  Part: ComponentType<P>,
  Meanwhile: ComponentType | null = Waiting,
): ComponentType<P> {
  return function Spoken(props: P): ReactElement | null {
    const table = useLateTable(TABLES);
    if (!table) return Meanwhile && <Meanwhile />;
    return (
      <TableContext.Provider value={table}>
        <Part {...props} />
      </TableContext.Provider>
    );
  };
}

/** The messages, with those of a part that is `spoken`: `more` is what it says in English. */
export function useSecondWords<More extends object>(more: More): ReturnType<typeof useWords<More>> {
  const table = useContext(TableContext);
  // What the application says comes first, then the language, then English.
  return useWords(useMemo(() => ({ ...more, ...table }), [more, table]) as More);
}
