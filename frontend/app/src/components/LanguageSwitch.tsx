import { useWords } from "@latchkey/react";
import type { ReactElement } from "react";
import { TAGS, useLanguage } from "../lib/language";
import { en } from "../words/en";

/** What a language calls itself. */
function nameOf(tag: string): string {
  return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
}

/** One list of all languages there are, each by its own name. */
export function LanguageSwitch(): ReactElement {
  const words = useWords(en);
  const [language, choose] = useLanguage();
  return (
    <select
      className="language"
      aria-label={words["app.language"]}
      value={language}
      onChange={({ target }) => choose(target.value)}
    >
      {TAGS.map((tag) => (
        <option key={tag} value={tag} lang={tag}>
          {nameOf(tag)}
        </option>
      ))}
    </select>
  );
}
