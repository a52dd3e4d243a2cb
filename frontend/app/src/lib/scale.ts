/** Axes: where they end, and which of their places get a label. */

/** The smallest of 2, 4, 6, 10, 20, 40 … that `value` fits under: even, so that its half is whole. */
export function niceTop(value: number): number {
  let power = 1;
  for (;;) {
    for (const step of [2, 4, 6, 10]) {
      if (step * power >= value) return step * power;
    }
    power *= 10;
  }
}

/** Which of `count` places get a label, when there is room for `room`: evenly spread, the first and the last among them. */
export function ticksOf(count: number, room: number): number[] {
  if (count === 0) return [];
  const many = Math.min(count, room);
  if (many === 1) return [0];
  return Array.from({ length: many }, (_, tick) => Math.round((tick * (count - 1)) / (many - 1)));
}
