"use client";

import type { ReactElement, ReactNode } from "react";
import { useSetting } from "../core/setting.js";
import { useClass } from "./classes.js";
import { Offline } from "./Offline.js";

/** What a part is drawn in: it says in which language it speaks, and that there is no network. */
export function Part({ children }: { children: ReactNode }): ReactElement {
  const { language } = useSetting();
  const c = useClass();
  return (
    <div className={c("root")} lang={language}>
      <Offline />
      {children}
    </div>
  );
}

/** Where one can go from here. */
export function Ways({ children }: { children: ReactNode }): ReactElement {
  return <div className={useClass()("links")}>{children}</div>;
}
