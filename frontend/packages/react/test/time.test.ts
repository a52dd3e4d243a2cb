import { expect, it } from "vitest";
import { fromNow } from "../src/ui/Time.js";

const now = Date.parse("2026-11-24T12:00:00Z");

it.each([
  ["2026-11-24T11:59:30Z", "now"],
  ["2026-11-24T11:58:00Z", "2 minutes ago"],
  ["2026-11-23T11:00:00Z", "yesterday"],
  ["2026-11-30T13:00:00Z", "in 6 days"],
])("%s is %s", (at, words) => expect(fromNow(Date.parse(at), now, "en")).toBe(words));
