/** Security events in words: those of the service's catalogue, and those of a later version. */
import { EVENTS, type Tone } from "./events";

const NAMES: Readonly<Partial<Record<string, readonly [string, Tone]>>> = EVENTS;

/** The name of an event's type; one this version doesn't know is spelt out. */
export function eventName(type: string): string {
  const known = NAMES[type]?.[0];
  if (known) return known;
  const words = type.replace(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function eventTone(type: string): Tone {
  return NAMES[type]?.[1] ?? (/fail|reused|throttl|block/.test(type) ? "warning" : "neutral");
}

/** The types this version knows, for a filter. */
export const EVENT_TYPES: readonly string[] = Object.keys(EVENTS);
