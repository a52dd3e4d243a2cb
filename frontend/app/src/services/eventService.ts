/** Everyone's security events, for superusers. */
import type { components, Page } from "@latchkey/client";
import api from "./api";

/** An event as administrators see it: with whom it is about, and who did it. */
export type AdminEvent = components["schemas"]["AdminEventResponse"];

export interface EventFilter {
  type?: string;
  /** The user: their address or their id. */
  person?: string;
  ip?: string;
  /** A day (2026-11-24), the reader's own: that day and later, or that day and earlier. */
  from?: string;
  to?: string;
}

class EventService {
  async list(
    filter: EventFilter,
    limit: number,
    after: string | null,
    signal?: AbortSignal,
  ): Promise<Page<AdminEvent>> {
    return api.page("/api/admin/events", { query: { ...queryOf(filter), limit, after }, signal });
  }
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

export default new EventService();
