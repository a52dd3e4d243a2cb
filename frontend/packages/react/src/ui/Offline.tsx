"use client";

import { useCallback, useState, useSyncExternalStore, type ReactElement } from "react";
import { useSetting } from "../core/setting.js";
import { onNetwork } from "../hooks/timing.js";
import { Notice } from "./Notice.js";

/** All that could say it, the first that came first: a frame, or a part without one around it. */
const sayers = new Set<object>();

/** Says that there is no network, as long as there is none. However many of these there are, the first says it. */
export function Offline(): ReactElement {
  const { words } = useSetting();
  const [one] = useState({});
  const subscribe = useCallback(
    (listener: () => void) => {
      sayers.add(one);
      const stop = onNetwork(listener);
      return () => {
        sayers.delete(one);
        stop();
      };
    },
    [one],
  );
  const says = useSyncExternalStore(
    subscribe,
    () => !navigator.onLine && sayers.values().next().value === one,
    () => false,
  );
  return (
    <div role="status" className="lk-region">
      {says && (
        <Notice look="warning" announce={false}>
          <p>{words.offline}</p>
        </Notice>
      )}
    </div>
  );
}
