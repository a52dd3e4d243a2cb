"use client";

import type { ReactElement } from "react";
import { useSetting } from "../core/setting.js";
import { useOnline } from "../hooks/timing.js";
import { Notice } from "./Notice.js";

/** Says that there is no network, as long as there is none. */
export function Offline(): ReactElement {
  const { words } = useSetting();
  const online = useOnline();
  return (
    <div role="status" className="lk-region">
      {!online && (
        <Notice look="warning" announce={false}>
          <p>{words.offline}</p>
        </Notice>
      )}
    </div>
  );
}
