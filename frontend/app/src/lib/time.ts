/** Times as people read them, in the time zone of their browser. */

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** The reader's own kind of English; for readers of other languages one that nobody takes the month for the day in. */
export const LOCALE = navigator.language.startsWith("en") ? navigator.language : "en-GB";

const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
const full = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });
const date = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium" });

/** "3 hours ago", "yesterday", "in 6 days"; within a minute, "just now". */
export function fromNow(iso: string, now: number = Date.now()): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size)
      return relative.format(seconds < 0 ? Math.ceil(seconds / size) : Math.round(seconds / size), unit);
  }
  return "just now";
}

/** "24 Nov 2026, 13:05", the reader's own order. */
export function inFull(iso: string): string {
  return full.format(new Date(iso));
}

/** The day alone. */
export function dayOf(iso: string): string {
  return date.format(new Date(iso));
}
