"use client";

/** A field whose text takes effect when typing stops, and that follows when what it stands for changes elsewhere. */
import { useEffect, useState } from "react";

const PAUSE_MS = 300;

/**
 * The text of the field, what sets it, and what hands it over at once. `value` is what is in effect: when it becomes
 * anything but what was handed over (somebody went back, or cleared it) the field shows that. What is being typed meanwhile
 * is never taken away.
 */
export function useTyped(
  value: string,
  commit: (text: string) => void,
  pause: number | null = PAUSE_MS,
): { text: string; type: (text: string) => void; now: () => void } {
  const [text, setText] = useState(value);
  const [handed, setHanded] = useState(value);
  const [before, setBefore] = useState(value);
  if (before !== value) {
    setBefore(value);
    if (value !== handed.trim()) {
      setText(value);
      setHanded(value);
    }
  }
  useEffect(() => {
    if (pause === null || text === handed) return undefined;
    const timer = setTimeout(() => {
      setHanded(text);
      commit(text.trim());
    }, pause);
    return () => clearTimeout(timer);
  }, [text, handed, commit, pause]);
  const now = (): void => {
    if (text === handed) return;
    setHanded(text);
    commit(text.trim());
  };
  return { text, type: setText, now };
}
