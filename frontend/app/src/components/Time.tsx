import type { ReactElement } from "react";
import { dayOf, fromNow, inFull } from "../lib/time";

/** A time: how long ago, in full on hover; or the day alone. */
export function Time({ at, as = "ago" }: { at: string; as?: "ago" | "day" | "full" }): ReactElement {
  const text = as === "ago" ? fromNow(at) : as === "day" ? dayOf(at) : inFull(at);
  return (
    <time dateTime={at} title={inFull(at)}>
      {text}
    </time>
  );
}
