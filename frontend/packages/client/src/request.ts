import type { paths } from "./schema";
import { problemOf } from "./problem";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<Lowercase<M>, infer O> ? O : never;
type Json<R> = R extends { content: { "application/json": infer T } } ? T : undefined;
type Given<O, K extends string> = O extends { parameters: Record<K, infer T> } ? NonNullable<T> : never;

/** What a call answers: its JSON, or undefined where there is none. */
export type Answer<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: infer R } ? Json<R[keyof R & (200 | 202)]> : never;

/** What a call takes: `path` and `query` parameters, a JSON `body`. */
export interface Input<P extends keyof paths, M extends Method> {
  path?: Given<Operation<P, M>, "path">;
  query?: Given<Operation<P, M>, "query">;
  body?: Operation<P, M> extends { requestBody?: infer B } ? Json<NonNullable<B>> : never;
  signal?: AbortSignal;
}

/** The same as `call` sees it, whatever the operation. */
interface Loose {
  path?: Record<string, string>;
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  signal?: AbortSignal;
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
  const response = await send(baseUrl + filled + (search.size ? `?${search.toString()}` : ""), init);
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as Answer<P, M>;
}
