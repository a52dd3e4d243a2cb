"use client";

import { createContext } from "react";

/** Where a section stands: on a page of its own, or in a tab of one that has the heading; `quiet` as with `<Title>`. */
export const Within = createContext<{ tab: boolean; quiet: boolean }>({ tab: false, quiet: false });
