/** Where somebody was going when they were asked to log in. */

/** What the log-in page is told: the path, and whose page it was, where that is known. */
export interface Return {
  from: string | null;
  whose: string | null;
}

/** Where `user` goes on: only ever to a path of this application, and not to where somebody else was. */
export function returnPath(state: unknown, user: string): string {
  const { from, whose } = (typeof state === "object" && state !== null ? state : {}) as Partial<Return>;
  if (whose && whose !== user) return "/dashboard";
  return typeof from === "string" && /^\/(?!\/)/.test(from) ? from : "/dashboard";
}
