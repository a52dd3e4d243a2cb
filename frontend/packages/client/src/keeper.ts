import { call, type Send } from "./request.js";

/** Keeps what a session needs between requests. The secure way keeps nothing that a script could read. */
export interface Keeper {
  /** Headers of every call that logs in, refreshes or logs out. */
  readonly headers: Record<string, string>;
  /** Look what there is now, where looking takes its time; `body` is asked right after. */
  read?(): Promise<void>;
  /** The body of a refresh or a log-out; undefined when there is nothing to refresh with. */
  body(): { refresh_token: string } | Record<string, never> | undefined;
  /** Take what a log-in or a refresh answered. The access token that came with it isn't used before this is done. */
  keep(refreshToken: string | null | undefined): Promise<void> | void;
  forget(): void;
  /** Another tab has a newer one: what wasn't kept is no good any more. */
  passed?(): void;
  /** Whether what was kept last will be there after a reload: what was to be kept need not be. `send` asks the service. */
  kept?(send: Send): Promise<boolean> | boolean;
}

/** The refresh token lives in an HttpOnly cookie: the browser sends it, and no script ever sees it. */
export const cookieKeeper: Keeper = {
  headers: { "X-Session-Transport": "cookie" },
  body: () => ({}),
  keep: () => undefined,
  forget: () => undefined,
  // The user may have blocked it, or the page isn't secure: nobody but the service sees whether it comes back.
  kept: async (send) => (await call(send, "GET", "/api/auth/cookie", { headers: cookieKeeper.headers })).kept,
};

type Places = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/**
 * The refresh token lives in `storage`, where any script of the page can read it: for those who can't use cookies.
 *
 * A storage that is full, forbidden or emptied ends nothing: the token stays in memory then, for as long as the page does.
 * Where browsers may forbid it, `() => localStorage` is safe to write.
 */
export function storageKeeper(storage: Places | (() => Places), key: string): Keeper {
  let here: string | null = null; // what this tab had last
  let seen: string | null = null; // what was in the storage last
  let old: string | null = null; // what may be there still, and should not
  const attempt = <T>(use: (place: Places) => T): T | null => {
    try {
      return use(typeof storage === "function" ? storage() : storage);
    } catch {
      return null;
    }
  };
  const there = () => attempt((place) => place.getItem(key));
  const empty = () => {
    attempt((place) => place.removeItem(key));
    old = there() ?? seen;
  };
  return {
    headers: {},
    kept: () => there() === here,
    body: () => {
      const found = there();
      // Another tab may have put it there.
      if (found !== null && found !== old) here = seen = found;
      return here === null ? undefined : { refresh_token: here };
    },
    keep: (token) => {
      if (!token) return;
      here = token;
      attempt((place) => place.setItem(key, token));
      if (there() === here) seen = here;
      // The one before opens nothing any more, and would look like a thief's copy.
      else empty();
    },
    passed: () => (here = null),
    forget: () => {
      here = null;
      empty();
    },
  };
}
