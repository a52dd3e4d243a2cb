/** Nothing is kept that nobody names: classes of the sheets, icons. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ICONS } from "../components/Icon";

const APP = join(import.meta.dirname, "../..");
const FOLDERS = ["src", "src/components", "src/pages", "src/pages/admin", "src/lib"];
const textsOf = (folder: string, ending: RegExp): string[] =>
  readdirSync(join(APP, folder))
    .filter((name) => ending.test(name))
    .map((name) => readFileSync(join(APP, folder, name), "utf8"));

const sources = FOLDERS.flatMap((folder) => textsOf(folder, /\.tsx?$/)).join("\n");
const sheets = textsOf("src/styles", /\.css$/).join("\n");

/** What is given to elements as it stands: a class of one plain word is looked for only there. */
const given = [...sources.matchAll(/className=\{?["`]([^"`]*)/g)].map(([, names = ""]) => names).join(" ");

/** Whether the sources have a word, or what it begins with before something that is filled in: `card--${look}`. */
function named(word: string): boolean {
  const whole = new RegExp(`(^|[^\\w-])${word}(?![\\w-])`, "m");
  if (whole.test(word.includes("-") ? sources : given)) return true;
  const begins = [...word.matchAll(/-/g)].map(({ index }) => word.slice(0, index + 1));
  return begins.some((begin) => sources.includes(`${begin}\${`));
}

it("each class of the sheets is somebody’s", () => {
  const plain = sheets.replaceAll(/\/\*.*?\*\/|@import[^;]*;/gs, "");
  const classes = new Set([...plain.matchAll(/\.([a-z][\w-]*)(?=[^{}]*\{)/g)].map(([, name = ""]) => name));
  // The parts have sheets of their own; ours name some of theirs.
  const ours = [...classes].filter((name) => !name.startsWith("lk-"));
  expect(ours.length).toBeGreaterThan(30);
  expect(ours.filter((name) => !named(name))).toEqual([]);
});

it("each motion is somebody’s", () => {
  const motions = [...sheets.matchAll(/@keyframes ([\w-]+)/g)].map(([, name = ""]) => name);
  expect(motions.filter((name) => !new RegExp(`animation:[^;]*\\b${name}\\b`).test(sheets))).toEqual([]);
});

it("each icon is shown somewhere", () => {
  expect(ICONS.filter((name) => !new RegExp(`"${name}"`).test(sources))).toEqual([]);
});
