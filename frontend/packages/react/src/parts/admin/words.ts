"use client";

import { createContext, useContext, useMemo } from "react";
import { useWords as useAll } from "../../core/setting.js";
import { account } from "../../messages/account.js";
import { admin, type AdminWords } from "../../messages/admin.js";

/** The messages in the language that is spoken, for what only administrators read; English needs none. */
export const TableContext = createContext<Partial<AdminWords>>({});

const ENGLISH: Readonly<Record<keyof typeof admin | keyof typeof account, string>> = { ...account, ...admin };

/** The messages of the parts for administrators, and those of the account: both show devices and events. */
export function useWords(): ReturnType<typeof useAll<typeof ENGLISH>> {
  const table = useContext(TableContext);
  // What the application says comes first, then the language, then English.
  return useAll(useMemo(() => ({ ...ENGLISH, ...table }), [table]));
}
