import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { de } from "../src/messages/de.js";
import { account } from "../src/messages/account.js";
import { admin } from "../src/messages/admin.js";
import { deProviders } from "../src/messages/de.providers.js";
import { deSecond } from "../src/messages/de.second.js";
import { deAdmin, deAdminEvents } from "../src/messages/de.admin.js";
import { EVENTS } from "../src/messages/events.js";
import { en } from "../src/messages/en.js";
import { letters } from "../src/messages/letters.js";
import { factors } from "../src/messages/factors.js";
import { mail } from "../src/messages/mail.js";
import { moments } from "../src/messages/moments.js";
import { providers } from "../src/messages/providers.js";
import { second } from "../src/messages/second.js";

const SOURCES = join(import.meta.dirname, "../src");
const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
const text = (name: string): string => readFileSync(join(SOURCES, name), "utf8");

it("everything that needs a browser’s React says so, for servers that render", () => {
  const needing = files.filter((name) =>
    /^import (?!type)[^;]* from "(react(-router)?|@tanstack\/react-router|next\/navigation\.js)"/m.test(text(name)),
  );
  expect(needing.length).toBeGreaterThan(10);
  expect(needing.filter((name) => !text(name).startsWith('"use client";'))).toEqual([]);
});

it("no part has words of its own", () => {
  const said = files
    .filter((name) => name.startsWith("parts/") || name.startsWith("ui/"))
    .flatMap((name) => [...text(name).matchAll(/>\s*([A-Z][a-z]+ [a-z ]+)/g)].map(([, words]) => `${name}: ${words}`));
  expect(said).toEqual([]);
});

it("each event of the service’s catalogue has a German name, in one place", () => {
  const named = [...Object.keys(de.events), ...Object.keys(deAdminEvents)];
  expect(named.toSorted()).toEqual(Object.keys(EVENTS).toSorted());
});

describe("each message", () => {
  const all: Readonly<Record<string, string>> = {
    ...{ ...en, ...letters, ...account, ...mail, ...moments, ...second, ...factors, ...providers, ...admin },
  };
  const marks = (message: string): string[] => (message.match(/\{\w+\}|<\/?\w+>/g) ?? []).sort();

  it.each(Object.keys(all))("%s has the same gaps and tags in German", (key) => {
    expect(marks({ ...de, ...deSecond, ...deProviders, ...deAdmin }[key as keyof typeof en])).toEqual(
      marks(all[key] ?? ""),
    );
  });

  it("has a name of its own", () => {
    const names = [en, letters, account, mail, moments, second, factors, providers, admin].flatMap((table) =>
      Object.keys(table),
    );
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it("is used", () => {
    const code = files
      .filter((name) => !name.startsWith("messages/"))
      .map(text)
      .join("\n");
    const unused = Object.keys(all).filter(
      (key) => !key.startsWith("problem.") && !new RegExp(`\\b${key}\\b`).test(code),
    );
    // Said by a name that is put together.
    expect(
      unused.filter(
        (key) => !/^(confirm|undo|recover|keep|disable|enable|promote|demote)(Title|Text|Action|Done)$/.test(key),
      ),
    ).toEqual([]);
  });
});
