/** Everyone's security events, for superusers. */
import type { Page } from "@latchkey/client";
import api from "./api";
import type { SecurityEvent } from "./types";

/** An event as administrators see it: with whom it is about, and who did it. */
export interface AdminEvent extends SecurityEvent {
  user_id?: string | null;
  actor_id?: string | null;
}

export const EVENT_FILTERS = ["type", "user_id", "ip"] as const;

export type EventFilter = Partial<Record<(typeof EVENT_FILTERS)[number], string>>;

class EventService {
  async list(
    filter: EventFilter,
    limit: number,
    after: string | null,
    signal?: AbortSignal,
  ): Promise<Page<AdminEvent>> {
    return api.page(ADMIN_EVENTS, { query: { ...filter, limit, after }, signal });
  }
}

// TODO typed once the path is in the document
const ADMIN_EVENTS = "/api/admin/events" as "/api/users/me/events";

export default new EventService();
