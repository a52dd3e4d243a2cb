"use client";

/** What pages for people who aren't signed in do with those who are. */
import { useEffect } from "react";
import { useAuth, useSetting } from "../core/setting.js";
import { useLate } from "../hooks/timing.js";

/** Milliseconds after which a page doesn't wait any longer for what the service offers. */
const PATIENCE = 3_000;

/** Whether to wait, to show the page, or that the reader is in already; then they are led to `after`, if there is such a place. */
export function useArrival(after?: string): "waiting" | "out" | "in" {
  const { user, away, loading } = useAuth();
  const { go, links, asked } = useSetting();
  const late = useLate(!asked.settled, PATIENCE);
  const inside = user !== null && !away;
  const to = after ?? links.account;
  useEffect(() => {
    if (inside && to !== undefined) go(to, true);
  }, [inside, to, go]);
  if (inside) return "in";
  return loading || !(asked.settled || late) ? "waiting" : "out";
}
