"use client";

/** Everyone's accounts and events, as the parts for administrators ask for them. */
import type { components, LatchkeyClient, Page } from "@latchkey/client";
import { useKept, type Kept } from "../core/kept.js";
import type { Place } from "../core/problem.js";
import { useSetting } from "../core/setting.js";
import { useAction, type Action } from "./useAction.js";

type Schemas = components["schemas"];

export type Account = Schemas["UserResponse"];
export type AccountChange = Schemas["UpdateUserRequest"];
export type NewAccount = Schemas["CreateUserRequest"];
export type Explanation = Schemas["ExplanationResponse"];
/** An event as administrators see it: with whom it is about, and who did it. */
export type AdminEvent = Schemas["AdminEventResponse"];

/** With "-" in front the other way round: the newest first. */
export type UserSort = `${"" | "-"}${"created_at" | "last_login_at" | "email"}`;

export interface UserFilter {
  /** Part of an address or a name. */
  q: string | null;
  is_active: boolean | null;
  is_superuser: boolean | null;
  email_verified: boolean | null;
  sort: UserSort;
}

export interface EventFilter {
  type?: string;
  /** The user: their address or their id. */
  person?: string;
  ip?: string;
  /** A day (2026-11-24), the reader's own: that day and later, or that day and earlier. */
  from?: string;
  to?: string;
}

/** One page of users. `turn`: another one asks anew. */
export function useUsers(filter: UserFilter, limit: number, after: string | null, turn: number): Kept<Page<Account>> {
  const { client } = useSetting();
  const query = { ...filter, limit, after };
  return useKept(`users ${turn} ${JSON.stringify(query)}`, () => client.page("/api/users", { query }));
}

/** One page of events. */
export function useEvents(filter: EventFilter, limit: number, after: string | null): Kept<Page<AdminEvent>> {
  const { client } = useSetting();
  const query = { ...queryOf(filter), limit, after };
  return useKept(`all events ${JSON.stringify(query)}`, () => client.page("/api/admin/events", { query }));
}

/** What `run` does with the client, once. */
export function useDoing<A extends unknown[]>(
  run: (client: LatchkeyClient, ...args: A) => Promise<unknown>,
  place: Place = {},
): Action<A> {
  const { client } = useSetting();
  return useAction((...args: A) => run(client, ...args), place);
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The filter as the service is asked for it. */
export function queryOf({ from, to, person, ...rest }: EventFilter): Record<string, string> {
  const whose = person === undefined ? {} : ID.test(person) ? { user_id: person } : { email: person };
  return { ...rest, ...whose, ...dayStart("since", from, 0), ...dayStart("until", to, 1) };
}

/** The moment when a day begins, or the one `later` days after it; nothing for what is no day. */
function dayStart(name: "since" | "until", day: string | undefined, later: number): Record<string, string> {
  const date = new Date(`${day ?? ""}T00:00`);
  if (Number.isNaN(date.getTime())) return {};
  date.setDate(date.getDate() + later);
  return { [name]: date.toISOString() };
}
