/** Waiting for a page, or for what is on it. */
import type { ReactElement } from "react";
import { SLOW, useSlow } from "../lib/useSlow";

/** Grey lines where text will be. */
export function Skeleton({ lines = 3, block = false }: { lines?: number; block?: boolean }): ReactElement {
  const slow = useSlow(true);
  const widths = ["", " skeleton--middle", " skeleton--short"];
  return (
    <div className="stack" role="status">
      {slow ? <p>{SLOW}</p> : <span className="visually-hidden">Loading…</span>}
      {block && <span className="skeleton skeleton--block" />}
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className={`skeleton${widths[line % widths.length]}`} />
      ))}
    </div>
  );
}
