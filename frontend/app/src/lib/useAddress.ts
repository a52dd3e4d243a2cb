/** What is looked for on a page stands in its address: it can be linked to, and is there again when one comes back. */
import { useCallback } from "react";
import { useLocation, useSearchParams } from "react-router";

export interface Address {
  get: (name: string) => string;
  /** Change some of it; empty takes it out. The list begins at its first page again. */
  set: (changes: Record<string, string>) => void;
  clear: () => void;
  /** The cursor of this page, null on the first one. */
  after: string | null;
  /** From 1. */
  page: number;
  forward: (cursor: string) => void;
  back: () => void;
}

const AFTER = "after";
const PAGE = "page";
/** The cursors of the pages before: a cursor leads forward only, so the address remembers the way back. */
const TRAIL = "trail";
const LONGEST_TRAIL = 20;

export function useAddress(): Address {
  const [params, setParams] = useSearchParams();
  const after = params.get(AFTER);
  const page = after === null ? 1 : Math.max(2, Number.parseInt(params.get(PAGE) ?? "", 10) || 2);
  const trail = params.get(TRAIL)?.split(".") ?? [];

  const set = useCallback(
    (changes: Record<string, string>): void => {
      setParams(
        (before) => {
          const params = new URLSearchParams(before);
          for (const [name, value] of Object.entries({ ...changes, [AFTER]: "", [PAGE]: "", [TRAIL]: "" })) {
            if (value) params.set(name, value);
            else params.delete(name);
          }
          return params;
        },
        { replace: true },
      );
    },
    [setParams],
  );
  /** Without a cursor: to the first page. */
  const turn = (cursor: string | undefined, number: number, trail: readonly string[]): void => {
    const next = new URLSearchParams(params);
    for (const name of [AFTER, PAGE, TRAIL]) next.delete(name);
    if (cursor !== undefined) {
      next.set(AFTER, cursor);
      next.set(PAGE, String(number));
      if (trail.length > 0) next.set(TRAIL, trail.slice(-LONGEST_TRAIL).join("."));
    }
    setParams(next);
  };
  return {
    get: (name) => params.get(name) ?? "",
    set,
    clear: () => setParams({}, { replace: true }),
    after,
    page,
    forward: (cursor) => turn(cursor, page + 1, after === null ? [] : [...trail, after]),
    // Whoever came by a link, or from very far, has no way back but to the beginning.
    back: () => turn(trail.at(-1), page - 1, trail.slice(0, -1)),
  };
}

/** A page that can be gone back to. */
export interface WayBack {
  to: string;
  label: string;
}

/** For a link from a list to one of its rows, as its `state`: `useWayBack` finds the list there, as it was left. */
export function useLeaving(label: string): { back: WayBack } {
  const { pathname, search } = useLocation();
  return { back: { to: pathname + search, label } };
}

/** Where the page of a row leads back to: the list that one came from, or `otherwise`. */
export function useWayBack(otherwise: WayBack): WayBack {
  const { state } = useLocation() as { state: unknown };
  const back = (state as { back?: Partial<WayBack> } | null)?.back;
  return back?.to && back.label ? { to: back.to, label: back.label } : otherwise;
}
