/** Which of several languages a reader gets. */

/** The language that is always there. */
export const FALLBACK = "en";

/** The first of `wanted` that there is in `known`, also without its country; English if there is none. */
export function pick(wanted: readonly (string | null | undefined)[], known: readonly string[]): string {
  const all = [...known, FALLBACK];
  for (const tag of wanted) {
    const found = all.find((one) => tag === one) ?? all.find((one) => tag?.toLowerCase().split("-")[0] === one);
    if (found) return found;
  }
  return FALLBACK;
}
