/** What the service counted, for superusers. */
import api from "./api";

export type Step = "hour" | "day";

/** From `from` up to `to` (ISO 8601), in steps. */
export interface Span {
  from: string;
  to: string;
  step: Step;
}

export interface Series {
  name: string;
  points: { at: string; value: number }[];
}

class StatisticsService {
  async read({ from, to, step }: Span, signal?: AbortSignal): Promise<Series[]> {
    const query = { from, to, step } as never;
    const path = "/api/admin/statistics" as "/api/users/me"; // TODO typed once the path is in the document
    return ((await api.call("GET", path, { query, signal })) as unknown as { series: Series[] }).series;
  }
}

export default new StatisticsService();
