/** What the service counted, for superusers. */
import type { components } from "@latchkey/client";
import api from "./api";

export type Series = components["schemas"]["SeriesResponse"];
export type Step = components["schemas"]["StatisticsResponse"]["step"];

/** From `from` up to `to` (ISO 8601), in steps. */
export interface Span {
  from: string;
  to: string;
  step: Step;
}

class StatisticsService {
  async read({ from, to, step }: Span): Promise<Series[]> {
    return (await api.call("GET", "/api/admin/statistics", { query: { from, to, step } })).series;
  }
}

export default new StatisticsService();
