import type { ReactElement } from "react";
import { useTheme, type Theme } from "../lib/theme";
import { Button } from "./Button";
import { Icon, type IconName } from "./Icon";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICONS: Record<Theme, IconName> = { system: "system", light: "sun", dark: "moon" };

/** One button through the three: as the system has it, light, dark. */
export function ThemeSwitch(): ReactElement {
  const [theme, choose] = useTheme();
  const label = `Colours: ${theme}. Change to ${NEXT[theme]}`;
  return (
    <Button look="icon" aria-label={label} title={label} onClick={() => choose(NEXT[theme])}>
      <Icon name={ICONS[theme]} />
    </Button>
  );
}
