"use client";

/** Parts that are loaded when they are needed bring what they say along, in the language that is spoken. */
import { createContext, useContext, useEffect, useMemo, useState, type ComponentType, type ReactElement } from "react";
import type { ProviderWords, SecondWords } from "../messages/table.js";
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

interface Speech {
  /** `Part` with what it says; `Meanwhile` is shown until that is there. */
  spoken: <P extends object>(Part: ComponentType<P>, Meanwhile?: ComponentType<P> | null) => ComponentType<P>;
  /** The messages, with those of a part that is `spoken`: `more` is what it says in English. */
  useSpoken: <More extends object>(more: More) => ReturnType<typeof useWords<More>>;
}

/** How parts speak that have tables of their own. A language of somebody else's says these messages in its table, as it does all others. */
function speech<Words>(tables: Tables<Words>): Speech {
  const TableContext = createContext<Partial<Words>>(ENGLISH);
  return {
    spoken: (Part, Meanwhile = Waiting) =>
      function Spoken(props): ReactElement | null {
        const table = useLateTable(tables);
        if (!table) return Meanwhile && <Meanwhile {...props} />;
        return (
          <TableContext.Provider value={table}>
            <Part {...props} />
          </TableContext.Provider>
        );
      },
    useSpoken: function useSpoken<More extends object>(more: More) {
      const table = useContext(TableContext);
      // What the application says comes first, then the language, then English.
      return useWords<More>(useMemo(() => ({ ...more, ...table }), [more, table]));
    },
  };
}

/** For second factors and passkeys. */
export const { spoken, useSpoken: useSecondWords } = speech<SecondWords>({
  de: () => import("../messages/de.second.js").then(({ deSecond }) => deSecond),
});

/** For other providers. */
export const { spoken: spokenOfProviders, useSpoken: useProviderWords } = speech<ProviderWords>({
  de: () => import("../messages/de.providers.js").then(({ deProviders }) => deProviders),
});
