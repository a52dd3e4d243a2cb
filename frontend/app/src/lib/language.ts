/** The language: chosen on this device, or the reader's, of those that there are. */
import { pick, type Languages } from "@latchkey/react";
import { useSyncExternalStore } from "react";

export const LANGUAGES: Languages = { de: () => import("../words/de").then(({ de }) => de) };

export const TAGS: readonly string[] = ["en", ...Object.keys(LANGUAGES)];

const KEY = "latchkey-language";
const listeners = new Set<() => void>();
/** Where the browser keeps nothing for us, the choice holds for this page. */
let here: string | null = null;

function chosen(): string | null {
  try {
    return here ?? localStorage.getItem(KEY);
  } catch {
    return here;
  }
}

function choose(language: string): void {
  here = language;
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // It holds for this page.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The language that is spoken, and how to choose another. */
export function useLanguage(): readonly [language: string, choose: (language: string) => void] {
  const language = useSyncExternalStore(subscribe, () => pick([chosen(), ...navigator.languages], TAGS));
  return [language, choose];
}
