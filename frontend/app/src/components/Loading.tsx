/** Waiting for a page, or for what is on it. */
import { useLate, useWords } from "@latchkey/react";
import type { ReactElement } from "react";
import { en } from "../words/en";

/** Milliseconds after which waiting wants a word. */
const LONG = 5_000;

/** Grey lines where text will be. */
export function Skeleton({ lines = 3, block = false }: { lines?: number; block?: boolean }): ReactElement {
  const words = useWords(en);
  const slow = useLate(true, LONG);
  const widths = ["", " skeleton--middle", " skeleton--short"];
  return (
    <div className="stack" role="status">
      {slow ? <p>{words.slow}</p> : <span className="visually-hidden">{words.loading}</span>}
      {block && <span className="skeleton skeleton--block" />}
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className={`skeleton${widths[line % widths.length]}`} />
      ))}
    </div>
  );
}
