import type { paths } from "./schema.js";
import { NetworkError, problemOf } from "./problem.js";
import { within } from "./within.js";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<Lowercase<M>, infer O> ? O : never;
type Json<R> = R extends { content: { "application/json": infer T } } ? T : undefined;
/** What is null is left out: a query knows no null. */
type OrNull<T> = { [K in keyof T]: T[K] | null };

type WithPath<O> = O extends { parameters: { path: infer T } } ? { path: T } : { path?: never };
type WithQuery<O> = O extends { parameters: { query: infer T } }
  ? { query: OrNull<T> }
  : O extends { parameters: { query?: infer T } }
    ? { query?: OrNull<NonNullable<T>> }
    : { query?: never };
type WithBody<O> = O extends { requestBody: infer B }
  ? { body: Json<B> }
  : O extends { requestBody?: infer B }
    ? { body?: Json<NonNullable<B>> }
    : { body?: never };

/** What a call answers: its JSON, or undefined where there is none. */
export type Answer<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: infer R } ? Json<R[keyof R & (200 | 201 | 202 | 203 | 204 | 205)]> : never;

/** What a call takes: `path` and `query` parameters, a JSON `body`. What the document requires can't be left out. */
export type Input<P extends keyof paths, M extends Method> = WithPath<Operation<P, M>> &
  WithQuery<Operation<P, M>> &
  WithBody<Operation<P, M>> & { signal?: AbortSignal | undefined };

/** The input, as the last argument of a call: it may be missing where nothing in it is required. */
export type Last<P extends keyof paths, M extends Method> =
  Record<string, never> extends Input<P, M> ? [input?: Input<P, M>] : [input: Input<P, M>];

/** The same as `call` sees it, whatever the operation. */
export interface Loose {
  path?: Record<string, string>;
  query?: Record<string, string | number | boolean | null | undefined> | undefined;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Milliseconds that it may take, everything in it. */
  limit?: number;
}

/** Sends one request to the service, by its path; the session's own adds the access token. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

export type Raw = (input: string | Request, init: RequestInit) => Promise<Response>;

/** `fetch`, whose failures are told from mistakes: it rejects with a `NetworkError`, or as the caller's signal wants. */
export function networked(own?: typeof fetch): Raw {
  return async (input, init) => {
    try {
      return await (own ?? fetch)(input, init);
    } catch (cause) {
      throw init.signal?.aborted ? cause : new NetworkError(false, { cause });
    }
  };
}

/** A connection may die without a word. */
const LIMIT = 15_000;

/** Read the JSON of an answer, undefined where there is none. Rejects with the problem if it is one. */
async function read(response: Response): Promise<unknown> {
  if (!response.ok) throw await problemOf(response);
  try {
    const text = await response.text();
    return text ? JSON.parse(text) : undefined;
  } catch (cause) {
    // It broke off, or came from something in between, such as a hotel's log-in page.
    throw new NetworkError(false, { cause });
  }
}

/**
 * Make one call of the service, typed by its OpenAPI document.
 *
 * Rejects with a `ProblemError` for an answer from 400 up, and with a `NetworkError` when none came within 15 seconds.
 */
export async function call<P extends keyof paths, M extends Method>(
  send: Send,
  method: M,
  path: P,
  input?: Loose,
): Promise<Answer<P, M>> {
  return (await exchange(send, method, path, input)).answer as Answer<P, M>;
}

/** A page of a list. */
export interface Page<T> {
  items: T[];
  /** The cursor (`after`) of the next page; null on the last one. */
  next: string | null;
  /** How many there are on all pages, where the service says. */
  total: number | null;
}

/** What the list at `P` is a list of. */
export type Item<P extends keyof paths> = Answer<P, "GET"> extends (infer T)[] ? T : never;

/** Make a call that answers one page: `Link` has the way to the next (RFC 8288), `X-Total-Count` how many there are. */
export async function page<P extends keyof paths>(send: Send, path: P, input?: Loose): Promise<Page<Item<P>>> {
  const { answer, headers } = await exchange(send, "GET", path, input);
  const next = /[?&]after=([^&>]+)[^>]*>; *rel="next"/.exec(headers.get("link") ?? "")?.[1];
  const total = headers.get("x-total-count");
  return { items: answer as Item<P>[], next: next ?? null, total: total === null ? null : Number(total) };
}

async function exchange(
  send: Send,
  method: Method,
  path: string,
  { path: parameters = {}, query = {}, body, headers, signal, limit = LIMIT }: Loose = {},
): Promise<{ answer: unknown; headers: Headers }> {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name] ?? "";
    // Left out, it would name the whole collection; the dots lead there by another way.
    if (/^\.{0,2}$/.test(value)) throw new RangeError(`${method} ${path} needs its ${name}`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    // Each name comes once; React Native knows no `set`.
    if (value !== undefined && value !== null) search.append(name, String(value));
  }
  const asked = search.toString();
  return within(limit, signal, async (signal) => {
    const response = await send(filled + (asked && `?${asked}`), {
      method,
      headers: { ...headers, ...(body !== undefined && { "Content-Type": "application/json" }) },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    });
    return { answer: await read(response), headers: response.headers };
  });
}
