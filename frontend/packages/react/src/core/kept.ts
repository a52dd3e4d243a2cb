"use client";

/** Answers that are kept as long as a session goes on: shown at once when they are wanted again, and asked for anew behind. */
import type { LatchkeyClient } from "@latchkey/client";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { on } from "../hooks/timing.js";
import { describe, isExpected, type Problem } from "./problem.js";
import { useAuth, useSetting } from "./setting.js";

/** An answer of the service, as far as it is known. */
export interface Kept<T> {
  /** Undefined until it has arrived. It stays while it is asked for again, and while that fails. */
  data: T | undefined;
  /** Why it could not be had the last time. Where waiting helps it is asked for again by itself. */
  problem: Problem | null;
  loading: boolean;
  /** Ask again; resolves when the answer is there, or there is none to be had. */
  reload: () => Promise<void>;
}

interface Entry {
  data?: unknown;
  error?: unknown;
  /** When it was asked for last, in milliseconds; and the how manieth question that was. */
  at: number;
  turn: number;
  failures: number;
  loading: boolean;
  /** Whether it has been drawn. What could not be, isn't kept: a page would break at it again and again. */
  drawn: boolean;
}

const NOTHING: Entry = { at: 0, turn: 0, failures: 0, loading: true, drawn: false };
/** Focus and visibility come together, and so do parts that want the same: one question is enough for a while. */
const NEWS_AFTER = 1_000;
const LONGEST_WAIT = 30;
/** More answers than that are not kept: searches have names of their own, one for each text. */
const MOST = 50;

class Store {
  #turns = 0;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Map<string, Set<() => void>>();

  read(key: string): Entry {
    return this.#entries.get(key) ?? NOTHING;
  }

  #write(key: string, change: Partial<Entry>): void {
    this.#entries.set(key, { ...this.read(key), drawn: false, ...change });
    for (const listener of this.#listeners.get(key) ?? []) listener();
  }

  listen(key: string, listener: () => void): () => void {
    const all = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, all.add(listener));
    return () => {
      all.delete(listener);
      const entry = this.read(key);
      if (all.size > 0) return;
      this.#listeners.delete(key);
      if (!entry.drawn || entry.data === undefined) this.#entries.delete(key);
      // Nobody waits for the answer any more: whoever comes next asks.
      else if (entry.loading) this.#entries.set(key, { ...entry, at: 0, turn: 0, loading: false });
      if (this.#entries.size > MOST) this.forget();
    };
  }

  /** Forget what nobody looks at. */
  forget(): void {
    for (const key of this.#entries.keys()) if (!this.#listeners.has(key)) this.#entries.delete(key);
  }

  async ask(key: string, load: () => Promise<unknown>): Promise<void> {
    const turn = ++this.#turns;
    this.#write(key, { at: Date.now(), turn, loading: true });
    // An answer that a newer question has overtaken is old news.
    const late = (): boolean => this.read(key).turn !== turn;
    try {
      const data = await load();
      if (!late()) this.#write(key, { data, error: undefined, failures: 0, loading: false });
    } catch (error) {
      if (!late()) this.#write(key, { error, failures: this.read(key).failures + 1, loading: false });
    }
  }
}

const stores = new WeakMap<LatchkeyClient, Store>();

function storeOf(client: LatchkeyClient): Store {
  const known = stores.get(client);
  if (known) return known;
  const store = new Store();
  stores.set(client, store);
  client.subscribe(() => {
    // What nobody looks at is nobody's any more.
    if (client.getState().status === "signed_out") store.forget();
  });
  return store;
}

/**
 * What `load` answers, by a name: whoever uses the same one shares it. Another session's is never shown. It is asked for again
 * when the page is looked at again; and not while the reader is away, but when they are back.
 */
export function useKept<T>(name: string, load: () => Promise<T>): Kept<T> {
  const { client, language, words, asked } = useSetting();
  const { session, away } = useAuth();
  const [whose, setWhose] = useState(session);
  if (session !== null && session !== whose) setWhose(session);
  const key = `${whose} ${name}`;
  const store = storeOf(client);
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });

  const entry = useSyncExternalStore(
    useCallback((listener) => store.listen(key, listener), [store, key]),
    () => store.read(key),
    () => NOTHING,
  );
  const reload = useCallback(() => store.ask(key, () => latest.current()), [store, key]);

  useEffect(() => {
    if (entry !== NOTHING) entry.drawn = true;
  }, [entry]);
  useEffect(() => {
    if (away || whose === null) return undefined;
    const look = (): void => {
      if (document.visibilityState === "visible" && Date.now() - store.read(key).at > NEWS_AFTER) void reload();
    };
    look();
    return on(look, [window, "focus"], [document, "visibilitychange"]);
  }, [store, key, whose, away, reload]);

  const { data, error, failures, loading } = entry;
  const problem = useMemo(
    () => (error === undefined ? null : describe(error, { language, words, options: asked.options }).problem),
    [error, language, words, asked.options],
  );
  const again = problem?.passing && !loading && !away;
  useEffect(() => {
    if (!again) return undefined;
    const timer = setTimeout(() => void reload(), (problem.retryAfter ?? Math.min(2 ** failures, LONGEST_WAIT)) * 1000);
    return () => clearTimeout(timer);
  }, [again, problem, failures, reload]);

  // A mistake of ours: the boundary around says so, and reports it.
  if (error !== undefined && !isExpected(error)) throw error as Error;
  return { data: data as T | undefined, problem, loading, reload };
}
