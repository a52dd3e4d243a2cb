/* global document */
// Sets the chosen theme before the first paint. src/lib/theme.ts writes the choice; without one, the system decides.
try {
  const theme = localStorage.getItem("latchkey-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed to us (a private window): the system's theme it is.
}
