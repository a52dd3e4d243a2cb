import type { ReactElement } from "react";
import type { Pages } from "../lib/usePages";
import { Button } from "./Button";

/** "Page 2 · 314 in all", back and forward. Nothing, if everything is on one page. */
export function Pager<T>({ pages, what }: { pages: Pages<T>; what: string }): ReactElement | null {
  const total = pages.data?.total ?? null;
  if (!pages.back && !pages.forward && total === null) return null;
  return (
    <nav className="pager" aria-label={`Pages of ${what}`}>
      <span role="status">
        Page {pages.number}
        {total !== null && ` · ${total.toLocaleString("en")} ${what}`}
      </span>
      <span className="pager__buttons">
        <Button aria-disabled={!pages.back} onClick={() => pages.back?.()}>
          Previous
        </Button>
        <Button aria-disabled={!pages.forward} onClick={() => pages.forward?.()}>
          Next
        </Button>
      </span>
    </nav>
  );
}
