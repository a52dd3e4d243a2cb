/** Light, dark, or as the system has it. public/theme.js applies the stored choice before the first paint. */
import { useState } from "react";

export type Theme = "system" | "light" | "dark";

const KEY = "latchkey-theme";

function stored(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // No storage (a private window): the choice holds for this page.
  }
}

/** The chosen theme, and how to choose another. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(stored);
  const choose = (next: Theme): void => {
    apply(next);
    setTheme(next);
  };
  return [theme, choose];
}
