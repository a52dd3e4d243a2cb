/** Keeps what a session needs between requests. The secure way keeps nothing that a script could read. */
export interface Keeper {
  /** Headers of every call that logs in, refreshes or logs out. */
  readonly headers: Record<string, string>;
  /** The body of a refresh or a log-out; undefined when there is nothing to refresh with. */
  body(): { refresh_token: string } | Record<string, never> | undefined;
  /** Take what a log-in or a refresh answered. */
  keep(refreshToken: string | null | undefined): void;
  forget(): void;
}

/** The refresh token lives in an HttpOnly cookie: the browser sends it, and no script ever sees it. */
export const cookieKeeper: Keeper = {
  headers: { "X-Session-Transport": "cookie" },
  body: () => ({}),
  keep: () => undefined,
  forget: () => undefined,
};

/** The refresh token lives in `storage`, where any script of the page can read it: for those who can't use cookies. */
export function storageKeeper(storage: Pick<Storage, "getItem" | "setItem" | "removeItem">, key: string): Keeper {
  return {
    headers: {},
    body: () => {
      const token = storage.getItem(key);
      return token === null ? undefined : { refresh_token: token };
    },
    keep: (token) => token && storage.setItem(key, token),
    forget: () => storage.removeItem(key),
  };
}
