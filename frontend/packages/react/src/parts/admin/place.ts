"use client";

/** What is looked for on a page stands in its address: it can be linked to, and is there again when one comes back. */
import { useCallback, useEffect, useRef, useState } from "react";

/** Where in a part somebody is. Without it, the part remembers by itself, for as long as it is shown. */
export interface Place {
  /** What comes after the part's own address: `?q=ada`, `new`, a user's id. Empty: its first page. */
  at?: string;
  /** They go to another place; `replace` leaves no way back to this one. */
  onAt?: (at: string, how: { replace: boolean }) => void;
}

export interface Here {
  /** The page: what is before the `?`. */
  page: string;
  /** All of it. */
  at: string;
  /** The place is the application's own, and so has an address. */
  addressed: boolean;
  go: (at: string, replace?: boolean) => void;
  get: (name: string) => string;
  /** Change some of what is looked for; empty takes it out. The list begins at its first page again. */
  set: (changes: Readonly<Record<string, string>>) => void;
  clear: () => void;
  /** The cursor of this page of the list, null on the first one; and its number, from 1. */
  after: string | null;
  number: number;
  forward: (cursor: string) => void;
  back: () => void;
}

const AFTER = "after";
const NUMBER = "page";
/** The cursors of the pages before: a cursor leads forward only, so the address remembers the way back. */
const TRAIL = "trail";
const LONGEST_TRAIL = 20;

/** The address of the place `at` of a part that is at `base`. */
export function addressOf(base: string, at: string): string {
  return at === "" || at.startsWith("?") ? base + at : `${base}/${at}`;
}

function taken(at: string): [page: string, params: URLSearchParams] {
  const [page = "", search] = at.split("?");
  return [page, new URLSearchParams(search)];
}

function put(page: string, params: URLSearchParams): string {
  const search = params.toString();
  return page + (search && `?${search}`);
}

/** Follow the place, and change it. */
export function usePlace({ at: given, onAt }: Place): Here {
  const [own, setOwn] = useState("");
  const at = given ?? own;
  const latest = useRef({ at, onAt });
  useEffect(() => {
    latest.current = { at, onAt };
  });
  const go = useCallback((to: string, replace = false): void => {
    // Two changes in a row: the second one builds on the first.
    latest.current.at = to;
    setOwn(to);
    latest.current.onAt?.(to, { replace });
  }, []);
  const set = useCallback(
    (changes: Readonly<Record<string, string>>): void => {
      const [page, params] = taken(latest.current.at);
      for (const [name, value] of Object.entries({ ...changes, [AFTER]: "", [NUMBER]: "", [TRAIL]: "" })) {
        if (value) params.set(name, value);
        else params.delete(name);
      }
      go(put(page, params), true);
    },
    [go],
  );
  const [page, params] = taken(at);
  const after = params.get(AFTER);
  const number = after === null ? 1 : Math.max(2, Number.parseInt(params.get(NUMBER) ?? "", 10) || 2);
  const trail = params.get(TRAIL)?.split(".") ?? [];
  /** Without a cursor: to the first page. */
  const turn = (cursor: string | undefined, to: number, before: readonly string[]): void => {
    for (const name of [AFTER, NUMBER, TRAIL]) params.delete(name);
    if (cursor !== undefined) {
      params.set(AFTER, cursor);
      params.set(NUMBER, String(to));
      if (before.length > 0) params.set(TRAIL, before.slice(-LONGEST_TRAIL).join("."));
    }
    go(put(page, params));
  };
  return {
    page,
    at,
    addressed: given !== undefined,
    go,
    get: (name) => params.get(name) ?? "",
    set,
    clear: () => go(page, true),
    after,
    number,
    forward: (cursor) => turn(cursor, number + 1, after === null ? [] : [...trail, after]),
    // Whoever came by a link, or from very far, has no way back but to the beginning.
    back: () => turn(trail.at(-1), number - 1, trail.slice(0, -1)),
  };
}
