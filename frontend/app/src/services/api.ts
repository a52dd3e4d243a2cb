/** The calls of the API, on the client's session: it adds the access token, refreshes, and repeats a call answered 401. */
import { createSession } from "@latchkey/client";
import type { Page } from "../lib/usePages";

/** The one session of this browser. Its refresh token is in a cookie that no script can read. */
export const session = createSession();

export interface Answer<T> {
  status: number;
  data: T;
  headers: Headers;
}

type Query = Record<string, string | number | boolean | null | undefined>;

interface Options {
  query?: Query | undefined;
  signal?: AbortSignal | undefined;
}

async function call<T>(
  method: string,
  path: string,
  body: unknown,
  { query, signal }: Options = {},
): Promise<Answer<T>> {
  const response = await session.request(`/api${path}${queryString(query)}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    ...(signal ? { signal } : {}),
  });
  const text = await response.text();
  return { status: response.status, data: (text ? JSON.parse(text) : null) as T, headers: response.headers };
}

function queryString(query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [[name, String(value)]],
  );
  return given.length > 0 ? `?${new URLSearchParams(given).toString()}` : "";
}

/** Read a page out of an answer: `Link: <…>; rel="next"` (RFC 8288) has the cursor, `X-Total-Count` how many there are. */
export function pageOf<T>({ data, headers }: Answer<T[]>): Page<T> {
  const next = /<[^>]*[?&]after=([^&>]+)[^>]*>;\s*rel="next"/.exec(headers.get("link") ?? "")?.[1];
  const total = headers.get("x-total-count");
  return {
    items: data,
    next: next === undefined ? null : decodeURIComponent(next),
    total: total === null ? null : Number(total),
  };
}

export default {
  get: <T>(path: string, options?: Options) => call<T>("GET", path, undefined, options),
  post: <T = null>(path: string, body?: unknown, options?: Options) => call<T>("POST", path, body, options),
  put: <T>(path: string, body: unknown, options?: Options) => call<T>("PUT", path, body, options),
  delete: (path: string, options?: Options) => call<null>("DELETE", path, undefined, options),
};
