import { fill, useWords } from "@latchkey/react";
import type { ReactElement } from "react";
import { useTheme, type Theme } from "../lib/theme";
import { en } from "../words/en";
import { Icon, type IconName } from "./Icon";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICONS: Record<Theme, IconName> = { system: "system", light: "sun", dark: "moon" };

/** One button through the three: as the system has it, light, dark. */
export function ThemeSwitch(): ReactElement {
  const words = useWords(en);
  const [theme, choose] = useTheme();
  const label = fill(words["app.colours"], { now: words[`app.${theme}`], next: words[`app.${NEXT[theme]}`] });
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={() => choose(NEXT[theme])}>
      <Icon name={ICONS[theme]} />
    </button>
  );
}
