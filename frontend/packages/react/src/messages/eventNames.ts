/** Events in words: those of the service's catalogue, and those of a later version. */
import { EVENTS, type Tone } from "./events.js";

export type { Tone };

const KNOWN: Readonly<Partial<Record<string, readonly [string, Tone]>>> = EVENTS;

/** The name of an event's type, out of `names` if it is there; one that this version doesn't know is spelt out. */
export function eventName(type: string, names: Readonly<Record<string, string>> = {}): string {
  const known = (Object.hasOwn(names, type) ? names[type] : undefined) ?? KNOWN[type]?.[0];
  if (known) return known;
  const words = type.replace(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How an event sounds: nothing special, good, or worth a second look. */
export function eventTone(type: string): Tone {
  return KNOWN[type]?.[1] ?? (/fail|reused|throttl|block/.test(type) ? "warning" : "neutral");
}

/** The types that this version knows, for a filter. */
export const EVENT_TYPES: readonly string[] = Object.keys(EVENTS);
