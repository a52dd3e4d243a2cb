/** Everyone's security events, for superusers. */
import type { components, Page } from "@latchkey/client";
import api from "./api";

/** An event as administrators see it: with whom it is about, and who did it. */
export type AdminEvent = components["schemas"]["AdminEventResponse"];

export interface EventFilter {
  type?: string;
  /** The user's address. */
  email?: string;
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
    const { from, to, ...rest } = filter;
    const query = { ...rest, ...dayStart("since", from, 0), ...dayStart("until", to, 1), limit, after };
    return api.page("/api/admin/events", { query, signal });
  }
}

/** The moment when a day begins, or the one `later` days after it; nothing for what is no day. */
function dayStart(name: "since" | "until", day: string | undefined, later: number): Record<string, string> {
  const date = new Date(`${day ?? ""}T00:00`);
  if (Number.isNaN(date.getTime())) return {};
  date.setDate(date.getDate() + later);
  return { [name]: date.toISOString() };
}

export default new EventService();
