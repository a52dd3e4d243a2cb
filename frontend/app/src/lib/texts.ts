/** Numbers and times, as the reader writes them. */
import type { Step } from "../services/statisticsService";

/** The reader's own kind of the language that is spoken; of English, one that nobody takes the month for the day in. */
export function localeOf(language: string): string {
  const own = navigator.languages.find((tag) => tag.split("-")[0] === language.split("-")[0]);
  return own ?? (language === "en" ? "en-GB" : language);
}

export interface Texts {
  number: (value: number) => string;
  /** The words for a time, short (on an axis) or in full. */
  time: (at: string, form: "short" | "full") => string;
}

/** Days are UTC days: in the reader's own zone, midnight UTC would often be the day before. */
const FORMS: Record<Step, Record<"short" | "full", Intl.DateTimeFormatOptions>> = {
  hour: {
    short: { weekday: "short", hour: "2-digit", minute: "2-digit" },
    full: { dateStyle: "medium", timeStyle: "short" },
  },
  day: { short: { day: "numeric", month: "short", timeZone: "UTC" }, full: { dateStyle: "full", timeZone: "UTC" } },
};

/** How a chart in these steps says its numbers and times. */
export function textsOf(step: Step, language: string): Texts {
  const locale = localeOf(language);
  const number = new Intl.NumberFormat(locale);
  const short = new Intl.DateTimeFormat(locale, FORMS[step].short);
  const full = new Intl.DateTimeFormat(locale, FORMS[step].full);
  return {
    number: (value) => number.format(value),
    time: (at, form) => (form === "short" ? short : full).format(new Date(at)),
  };
}
