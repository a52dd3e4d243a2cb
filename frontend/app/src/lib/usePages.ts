/** Paging through a list by opaque cursors, in the address or only on the page. */
import type { Page } from "@latchkey/client";
import { useState } from "react";
import type { Address } from "./useAddress";
import { useResource, type Resource } from "./useResource";

export interface Pages<T> extends Resource<Page<T>> {
  /** The page's number, from 1. */
  number: number;
  forward: (() => void) | null;
  back: (() => void) | null;
}

type Load<T> = (after: string | null, signal: AbortSignal) => Promise<Page<T>>;

/** Load pages with `load`; a new `key` (another search, another filter) begins at the first page. */
export function usePages<T>(key: string, load: Load<T>): Pages<T> {
  const [trail, setTrail] = useState<{ key: string; cursors: string[] }>({ key, cursors: [] });
  const cursors = trail.key === key ? trail.cursors : [];
  const after = cursors.at(-1) ?? null;
  const resource = useResource(`${key} ${after ?? ""}`, (signal) => load(after, signal));
  const next = resource.data?.next ?? null;
  return {
    ...resource,
    number: cursors.length + 1,
    forward: next === null ? null : () => setTrail({ key, cursors: [...cursors, next] }),
    back: cursors.length === 0 ? null : () => setTrail({ key, cursors: cursors.slice(0, -1) }),
  };
}

/** The same, for a list whose page is in the address. */
export function usePagesAt<T>(address: Address, key: string, load: Load<T>): Pages<T> {
  const { after, page, forward, back } = address;
  const resource = useResource(`${key} ${after ?? ""}`, (signal) => load(after, signal));
  const next = resource.data?.next ?? null;
  return {
    ...resource,
    number: page,
    forward: next === null ? null : () => forward(next),
    back: after === null ? null : back,
  };
}
