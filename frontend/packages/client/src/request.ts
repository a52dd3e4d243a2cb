import type { paths } from "./schema.js";
import { problemOf } from "./problem.js";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<Lowercase<M>, infer O> ? O : never;
type Json<R> = R extends { content: { "application/json": infer T } } ? T : undefined;
/** What is null is left out: a query knows no null. */
type OrNull<T> = { [K in keyof T]: T[K] | null };
type Given<O, K extends string> = O extends { parameters: Partial<Record<K, infer T>> } ? NonNullable<T> : never;

/** What a call answers: its JSON, or undefined where there is none. */
export type Answer<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: infer R } ? Json<R[keyof R & (200 | 202)]> : never;

/** What a call takes: `path` and `query` parameters, a JSON `body`. */
export interface Input<P extends keyof paths, M extends Method> {
  path?: Given<Operation<P, M>, "path">;
  query?: OrNull<Given<Operation<P, M>, "query">>;
  body?: Operation<P, M> extends { requestBody?: infer B } ? Json<NonNullable<B>> : never;
  signal?: AbortSignal | undefined;
}

/** The same as `call` sees it, whatever the operation. */
interface Loose {
  path?: Record<string, string>;
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** Sends one request; the session's own adds the access token. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Make one call of the service, typed by its OpenAPI document.
 *
 * Rejects with a `ProblemError` for an answer from 400 up, and with fetch's TypeError when no answer came.
 */
export async function call<P extends keyof paths, M extends Method>(
  send: Send,
  baseUrl: string,
  method: M,
  path: P,
  input: Input<P, M> = {},
  headers: Record<string, string> = {},
): Promise<Answer<P, M>> {
  return (await exchange(send, baseUrl, method, path, input, headers)).answer;
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
export async function page<P extends keyof paths>(
  send: Send,
  baseUrl: string,
  path: P,
  input: Input<P, "GET">,
): Promise<Page<Item<P>>> {
  const { answer, headers } = await exchange(send, baseUrl, "GET", path, input, {});
  const next = /[?&]after=([^&>]+)[^>]*>; *rel="next"/.exec(headers.get("link") ?? "")?.[1];
  const total = headers.get("x-total-count");
  return { items: answer as Item<P>[], next: next ?? null, total: total === null ? null : Number(total) };
}

async function exchange<P extends keyof paths, M extends Method>(
  send: Send,
  baseUrl: string,
  method: M,
  path: P,
  input: Input<P, M>,
  headers: Record<string, string>,
): Promise<{ answer: Answer<P, M>; headers: Headers }> {
  const { path: parameters = {}, query = {}, body, signal } = input as Loose;
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ""));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) search.set(name, String(value));
  }
  const init: RequestInit = { method, headers };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.headers = { ...headers, "Content-Type": "application/json" };
    init.body = JSON.stringify(body);
  }
  const asked = search.toString();
  const response = await send(baseUrl + filled + (asked && `?${asked}`), init);
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  return { answer: (text ? JSON.parse(text) : undefined) as Answer<P, M>, headers: response.headers };
}
