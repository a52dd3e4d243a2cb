"use client";

import { useEffect, useState, type ReactElement } from "react";
import { useSetting } from "../core/setting.js";

const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** The reader's own kind of the language that is spoken: "en-GB" doesn't take the month for the day. */
function localeOf(language: string): string {
  const own = navigator.languages.find((tag) => tag.split("-")[0] === language.split("-")[0]);
  return own ?? (language === "en" ? "en-GB" : language);
}

/** How long ago, or in how long, in words. */
export function fromNow(at: number, now: number, locale: string): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const seconds = (at - now) / 1000;
  const [unit, size] = UNITS.find((one) => Math.abs(seconds) >= one[1]) ?? (["second", 1] as const);
  if (unit === "second") return format.format(0, unit);
  return format.format(seconds < 0 ? Math.ceil(seconds / size) : Math.round(seconds / size), unit);
}

function inFull(at: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
}

const MINUTE = 60_000;

/** A time: how long ago, which grows older while it is looked at; in full on hover. */
export function Time({ at }: { at: string }): ReactElement {
  const { language } = useSetting();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE / 2);
    return () => clearInterval(timer);
  }, []);
  const locale = localeOf(language);
  return (
    <time dateTime={at} title={inFull(at, locale)}>
      {fromNow(Date.parse(at), now, locale)}
    </time>
  );
}

/** A time with its day and hour, in the reader's own order and time zone. */
export function FullTime({ at }: { at: string }): ReactElement {
  const { language } = useSetting();
  return <time dateTime={at}>{inFull(at, localeOf(language))}</time>;
}
