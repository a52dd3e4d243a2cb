"use client";

/** Waiting: how long still, and whether it has been long. */
import { useEffect, useState, useSyncExternalStore } from "react";

/** Count down from `seconds`, anew whenever `start` is another object; 0 when it is over. */
export function useCountdown(seconds: number | null, start: unknown): number {
  const [counted, setCounted] = useState({ start, left: seconds ?? 0 });
  useEffect(() => {
    const end = Date.now() + (seconds ?? 0) * 1000;
    const tick = (): void => setCounted({ start, left: Math.max(0, Math.ceil((end - Date.now()) / 1000)) });
    tick();
    if (!seconds) return undefined;
    const timer = setInterval(() => {
      tick();
      if (Date.now() >= end) clearInterval(timer);
    }, 500);
    return () => clearInterval(timer);
  }, [seconds, start]);
  // Not a moment of 0 between one start and the next: a button would be free to press in it.
  return counted.start === start ? counted.left : (seconds ?? 0);
}

/** Whether `waiting` has been true for some milliseconds. */
export function useLate(waiting: boolean, after: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setTimeout(() => setLate(true), after);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [waiting, after]);
  return late;
}

/** Call `listener` for the events of these names; returns how to stop. */
export function on(listener: (event: Event) => void, ...events: (readonly [EventTarget, string])[]): () => void {
  const control = new AbortController();
  for (const [target, name] of events) target.addEventListener(name, listener, control);
  return () => control.abort();
}

/** Call `listener` when the network comes or goes; returns how to stop. */
export function onNetwork(listener: () => void): () => void {
  return on(listener, [window, "online"], [window, "offline"]);
}

/** Whether the browser has a network at all. */
export function useOnline(): boolean {
  return useSyncExternalStore(
    onNetwork,
    () => navigator.onLine,
    () => true,
  );
}
