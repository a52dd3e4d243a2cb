/** The token of a link from a letter. It comes in the fragment, which no server and no Referer header ever sees. */

const KEY = "letterToken";

/**
 * The token of the link that led to this page; null without one. It is taken out of the address bar and kept in this entry
 * of the history: a page that telephones load anew, while its reader looks into the mail, still has it.
 */
export function letterToken(): string | null {
  if (typeof document === "undefined") return null;
  const { hash, pathname, search } = window.location;
  const given = new URLSearchParams(hash.slice(1)).get("token");
  if (given) window.history.replaceState({ ...state(), [KEY]: given }, "", pathname + search);
  return state()[KEY] ?? null;
}

/** Forget the token, once it is spent or no good. */
export function forgetLetterToken(): void {
  window.history.replaceState({ ...state(), [KEY]: undefined }, "");
}

function state(): { [KEY]?: string } {
  return (window.history.state ?? {}) as { [KEY]?: string };
}
