/** From what the service counted to what a chart draws. */
import type { ChartSeries } from "../../components/Chart";
import type { Series, Span, Step } from "../../services/statisticsService";

const STEP_MS: Record<Step, number> = { hour: 3_600_000, day: 86_400_000 };
const STEPS: Record<Step, number> = { hour: 48, day: 30 };

/** The last 48 hours or 30 days, the one that runs included, in whole steps of UTC. */
export function windowOf(step: Step, now: number): Span & { times: string[] } {
  const size = STEP_MS[step];
  const current = Math.floor(now / size) * size;
  const times = Array.from({ length: STEPS[step] }, (_, index) =>
    new Date(current - (STEPS[step] - 1 - index) * size).toISOString(),
  );
  return { step, from: times[0] ?? "", to: new Date(current + size).toISOString(), times };
}

/** The values of one series at `times`; `missing` where the service has none (a count of 0, or nothing measured). */
export function align<M extends number | null>(
  series: readonly Series[],
  name: string,
  times: readonly string[],
  missing: M,
): (number | M)[] {
  const points = series.find((each) => each.name === name)?.points ?? [];
  const found = new Map(points.map(({ at, value }) => [Date.parse(at), value]));
  return times.map((at) => found.get(Date.parse(at)) ?? missing);
}

export function totalOf(series: ChartSeries): number {
  return series.values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
