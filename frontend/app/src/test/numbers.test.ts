import { describe, expect, it } from "vitest";
import { niceTop, ticksOf } from "../lib/scale";
import { align, windowOf } from "../pages/admin/statistics";

describe("axes", () => {
  it.each([
    [0, 2],
    [2, 2],
    [3, 4],
    [7, 10],
    [11, 20],
    [999, 1000],
    [1001, 2000],
  ])("end at a round number above %i: %i", (value, top) => expect(niceTop(value)).toBe(top));

  it("label the first and the last place, and what fits between", () => {
    expect(ticksOf(48, 4)).toEqual([0, 16, 31, 47]);
    expect(ticksOf(2, 9)).toEqual([0, 1]);
    expect(ticksOf(1, 9)).toEqual([0]);
    expect(ticksOf(0, 9)).toEqual([]);
  });
});

describe("the window of statistics", () => {
  const now = Date.parse("2026-11-24T13:41:07Z");

  it("is 48 hours up to the end of this one", () => {
    const span = windowOf("hour", now);
    expect([span.from, span.to]).toEqual(["2026-11-22T14:00:00.000Z", "2026-11-24T14:00:00.000Z"]);
    expect(span.times).toHaveLength(48);
  });

  it("is 30 days up to the end of today", () => {
    const span = windowOf("day", now);
    expect([span.from, span.to]).toEqual(["2026-10-26T00:00:00.000Z", "2026-11-25T00:00:00.000Z"]);
  });

  it("has a value for every time, however the service writes it", () => {
    const points = [{ at: "2026-11-24T13:00:00+00:00", value: 3 }];
    const times = ["2026-11-24T12:00:00.000Z", "2026-11-24T13:00:00.000Z"];
    expect(align([{ name: "a", points }], "a", times, 0)).toEqual([0, 3]);
    expect(align([], "a", times, null)).toEqual([null, null]);
  });
});
