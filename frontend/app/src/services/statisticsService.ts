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
    const query = { from, to, step };
    return (await api.get<{ series: Series[] }>("/admin/statistics", { query, signal })).data.series;
  }
}

export default new StatisticsService();
