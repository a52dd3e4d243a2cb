"use client";

import { createContext, useContext, useMemo } from "react";
import { useSetting, useWords as useAll } from "../../core/setting.js";
import { account } from "../../messages/account.js";
import { admin, type AdminTable } from "../../messages/admin.js";

/** The messages in the language that is spoken, for what only administrators read; English needs none. */
export const TableContext = createContext<AdminTable>({});

const ENGLISH: Readonly<Record<keyof typeof admin | keyof typeof account, string>> = { ...account, ...admin };

/** The messages of the parts for administrators, and those of the account: both show devices and events. */
export function useWords(): ReturnType<typeof useAll<typeof ENGLISH>> {
  const { words } = useContext(TableContext);
  // What the application says comes first, then the language, then English.
  return useAll(useMemo(() => ({ ...ENGLISH, ...words }), [words]));
}

/** What events are called: those, too, that nobody else sees. */
export function useEventNames(): Readonly<Record<string, string>> {
  const { events } = useContext(TableContext);
  const { events: said } = useSetting();
  return useMemo(() => ({ ...events, ...said }), [events, said]);
}
