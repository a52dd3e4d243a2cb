// @vitest-environment node
/** The stream of endings itself: cut in pieces, closed, silent, or none at all. */
import { inspect } from "node:util";
import { expect, it, vi } from "vitest";
import { everyTime, follow, follower, hearing, latchkey, outcome, read, troubles } from "./following";

everyTime();

it("reads events however the bytes are cut, with any line's end, and after a byte order mark", async () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    follow();
    await hearing();
    await outcome("ada");
    const lines = [
      "\uFEFF: höre",
      "",
      "event: ended",
      "id: 5-1",
      'data: {"sub": "u-ada",',
      'data:  "sid": "s-ada"}',
      "",
      "",
    ];
    const bytes = new TextEncoder().encode(lines.join(end).slice(latchkey.streams.length > 1 ? 1 : 0));
    for (const byte of bytes) {
      latchkey.stream.send(Uint8Array.of(byte));
      await read();
    }
    latchkey.stream.beat();
    await read();
    expect([end, await outcome("ada")]).toEqual([end, "inactive"]);
    follower.stop();
  }
});

it("comes back when the stream is closed: soon, then less and less often", async () => {
  latchkey.noStream.push(...Array.from({ length: 50 }, () => () => Promise.reject(new TypeError("fetch failed"))));
  follow();
  await vi.advanceTimersByTimeAsync(3_200);
  expect(latchkey.streams).toHaveLength(6); // at 0, 0.1, 0.3, 0.7, 1.5, 3.1
  await vi.advanceTimersByTimeAsync(30_000);
  expect(latchkey.streams.length).toBeLessThan(14);
  latchkey.noStream.length = 0;
  while (latchkey.streams.at(-1)?.taken !== true) await vi.advanceTimersByTimeAsync(100);
  await hearing();
  latchkey.stream.close();
  await read();
  expect(follower.hearing).toBe(false);
  await vi.advanceTimersByTimeAsync(100);
  await hearing();
});

it("says why nothing is heard, and waits as long as it is told to", async () => {
  const unknown = () => Response.json({ error: "invalid_client" }, { status: 401 });
  const away = () =>
    Response.json({ error: "temporarily_unavailable" }, { status: 503, headers: { "Retry-After": "2" } });
  latchkey.noStream.push(unknown, away, () => new Response("<html>", { headers: { "Content-Type": "text/html" } }));
  follow();
  await vi.advanceTimersByTimeAsync(4_999);
  expect(latchkey.streams).toHaveLength(1);
  expect(await outcome("ada")).toBe("u-ada"); // it asks
  await vi.advanceTimersByTimeAsync(1);
  expect(latchkey.streams).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1_999);
  expect(latchkey.streams).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(latchkey.streams).toHaveLength(3);
  expect(troubles).toEqual([
    "The service answered 401 invalid_client",
    "The service answered 503 temporarily_unavailable",
    "There is no stream of endings",
  ]);
});

it("a stream that sends no line's end isn't kept in memory", async () => {
  follow();
  await hearing();
  latchkey.stream.send("x".repeat(65_537));
  await read();
  expect([follower.hearing, troubles]).toEqual([false, ["This is no stream of events"]]);
});

it("what hangs before it answers is given up", async () => {
  latchkey.noStream.push(() => new Promise<Response>(() => undefined));
  follow();
  await vi.advanceTimersByTimeAsync(5_100);
  expect(latchkey.streams).toHaveLength(2);
});

it("stops: nothing is kept, heard or waited for any more", async () => {
  follow();
  await hearing();
  await outcome("ada");
  follower.stop();
  await read();
  expect([follower.hearing, latchkey.stream.closed, vi.getTimerCount()]).toEqual([false, true, 0]);
  expect(await outcome("ada")).toBe("u-ada");
  expect(latchkey.asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(latchkey.streams).toHaveLength(1);
  expect(troubles).toEqual([]);
  expect(inspect(follower, { depth: 9 }) + JSON.stringify(follower)).not.toContain("lks_");
});
