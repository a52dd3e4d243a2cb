/** Everyone's security events, for superusers. */
import type { Page } from "../lib/usePages";
import api, { pageOf } from "./api";
import type { SecurityEvent } from "./types";

export interface AdminEvent extends SecurityEvent {
  user_id?: string | null;
  actor_id?: string | null;
}

export const EVENT_FILTERS = ["type", "user_id", "ip"] as const;

export type EventFilter = Partial<Record<(typeof EVENT_FILTERS)[number], string>>;

class EventService {
  async list(
    query: EventFilter & { limit: number; after: string | null },
    signal?: AbortSignal,
  ): Promise<Page<AdminEvent>> {
    return pageOf(await api.get<AdminEvent[]>("/admin/events", { query, signal }));
  }
}

export default new EventService();
