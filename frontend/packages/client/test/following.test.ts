// @vitest-environment node
/** An API of one's own that hears of endings: nobody who has ended is let in, and nobody else is asked about twice. */
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { followRevocations, InvalidToken, type Follower, type FollowerOptions } from "../src/server";
import { bearer, CLIENT, ISSUER, Latchkey } from "./latchkey";

let latchkey: Latchkey;
let follower: Follower;
let troubles: string[];

function follow(options: Partial<FollowerOptions> = {}): void {
  const onTrouble = (error: unknown) => troubles.push((error as Error).message);
  follower = followRevocations({ ...CLIENT, fetch: latchkey.fetch, onTrouble, ...options });
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout", "clearTimeout"] });
  vi.spyOn(Math, "random").mockReturnValue(0);
  latchkey = new Latchkey();
  troubles = [];
});

afterEach(() => {
  follower.stop();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** What was sent has been read. */
const read = () => new Promise<void>((resolve) => setImmediate(resolve));

async function hearing(): Promise<void> {
  await read();
  latchkey.stream.beat();
  await read();
  expect(follower.hearing).toBe(true);
}

/** Beats go on for so many milliseconds. */
async function goOn(milliseconds: number): Promise<void> {
  for (let time = 0; time < milliseconds; time += 400) {
    await vi.advanceTimersByTimeAsync(400);
    latchkey.stream.beat();
    await read();
  }
}

const outcome = (name: string) =>
  follower.authenticate(bearer(name)).then(
    ({ sub }) => sub,
    (error: unknown) => (error instanceof InvalidToken ? error.flaw : (error as Error).name),
  );

it("asks about a token once, as long as endings are heard", async () => {
  follow();
  await hearing();
  expect(latchkey.stream.url).toBe(`${ISSUER}/oauth/revocations`);
  expect(latchkey.stream.headers).toMatchObject({ Accept: "text/event-stream" });
  expect(latchkey.stream.headers.Authorization).toMatch(/^Basic /);
  expect(latchkey.stream.headers).not.toHaveProperty("Last-Event-ID");
  expect(latchkey.stream.init.redirect).toBe("manual"); // the secret goes nowhere else
  expect(await outcome("ada")).toBe("u-ada");
  await goOn(20_000);
  expect(await outcome("ada")).toBe("u-ada");
  expect([latchkey.asked.length, latchkey.streams.length]).toEqual([1, 1]);
});

it("refuses an ended session without a question, and nobody else's", async () => {
  follow();
  await hearing();
  for (const name of ["ada", "ada2", "eve"]) await outcome(name);
  latchkey.stream.ended({ sub: "u-ada", sid: "s-ada", reason: "revoked" });
  await read();
  const outcomes = await Promise.all(["ada", "ada2", "eve"].map(outcome));
  expect(outcomes).toEqual(["inactive", "u-ada", "u-eve"]);
  expect(latchkey.asked).toHaveLength(3);
  await goOn(3_000);
  latchkey.stream.ended({ sub: "u-ada", reason: "changed" });
  await read();
  expect(await outcome("ada")).toBe("inactive");
  expect(latchkey.asked).toHaveLength(3);
});

it("asks again about all of a user of whom something is told", async () => {
  follow();
  await hearing();
  for (const name of ["ada", "ada2", "eve"]) await outcome(name);
  latchkey.sessions.delete("ada2");
  latchkey.stream.ended({ sub: "u-ada", reason: "user_disabled" });
  await read();
  expect(await Promise.all(["ada", "ada2", "eve"].map(outcome))).toEqual(["u-ada", "inactive", "u-eve"]);
  expect(latchkey.asked).toHaveLength(5);
});

it("what ended while it was asked about isn't kept, nor let in", async () => {
  follow();
  await hearing();
  let answer!: (response: Response) => void;
  latchkey.instead.push(() => new Promise<Response>((resolve) => (answer = resolve)));
  const asked = outcome("ada");
  await vi.waitFor(() => expect(latchkey.asked).toHaveLength(1));
  const before = latchkey.say(latchkey.asked[0]?.about ?? "");
  latchkey.stream.ended({ sub: "u-ada", sid: "s-ada", reason: "logged_out" });
  await read();
  answer(before);
  expect(await asked).toBe("inactive");
  expect(await outcome("ada")).toBe("inactive");
  expect(latchkey.asked).toHaveLength(1);
});

it("and is asked about once more where something became of the user meanwhile", async () => {
  follow();
  await hearing();
  let answer!: (response: Response) => void;
  latchkey.instead.push(() => new Promise<Response>((resolve) => (answer = resolve)));
  const asked = outcome("ada");
  await vi.waitFor(() => expect(latchkey.asked).toHaveLength(1));
  const before = latchkey.say(latchkey.asked[0]?.about ?? "");
  latchkey.sessions.delete("ada");
  latchkey.stream.ended({ sub: "u-ada", reason: "user_disabled" });
  await read();
  answer(before);
  expect(await asked).toBe("inactive");
  expect(latchkey.asked).toHaveLength(2);
});

it("asks each time before anything is heard, and about what was asked then once more", async () => {
  follow();
  await read();
  expect(follower.hearing).toBe(false);
  for (let call = 0; call < 2; call++) expect(await outcome("ada")).toBe("u-ada");
  expect(latchkey.asked).toHaveLength(2);
  await hearing();
  for (let call = 0; call < 2; call++) expect(await outcome("ada")).toBe("u-ada");
  expect(latchkey.asked).toHaveLength(3);
});

it("a second of silence is a connection that is lost: every call asks, and the next one goes on from there", async () => {
  follow();
  await hearing();
  latchkey.stream.forget("17-2");
  await read();
  await outcome("ada");
  await vi.advanceTimersByTimeAsync(999);
  expect([follower.hearing, await outcome("ada"), latchkey.asked.length]).toEqual([true, "u-ada", 1]);
  await vi.advanceTimersByTimeAsync(1);
  expect([follower.hearing, await outcome("ada"), latchkey.asked.length]).toEqual([false, "u-ada", 2]);
  expect([latchkey.streams[0]?.closed, troubles]).toEqual([true, ["No answer"]]);
  await vi.advanceTimersByTimeAsync(200);
  expect(latchkey.streams).toHaveLength(2);
  expect(latchkey.stream.headers["Last-Event-ID"]).toBe("17-2");
  // What has ended meanwhile is told first; only then does it hear.
  latchkey.stream.ended({ sub: "u-eve", sid: "s-eve", reason: "revoked" }, "18-0");
  await read();
  expect(follower.hearing).toBe(false);
  await hearing();
  await outcome("ada");
  expect(latchkey.asked).toHaveLength(2);
});

it("a process that was held up believes nothing of before, even if nobody has noticed the silence", async () => {
  follow();
  await hearing();
  await outcome("ada");
  const held = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 1_000);
  expect(follower.hearing).toBe(false);
  await outcome("ada");
  expect(latchkey.asked).toHaveLength(2);
  held.mockRestore();
});

it("what the service says last is what counts, also when the stream is back", async () => {
  follow();
  await hearing();
  latchkey.stream.beat("1-1");
  await outcome("ada");
  latchkey.stream.close();
  latchkey.sessions.delete("ada");
  await read();
  expect(await outcome("ada")).toBe("inactive");
  await vi.advanceTimersByTimeAsync(100);
  await hearing();
  await goOn(1_200);
  expect(await outcome("ada")).toBe("inactive");
  expect(latchkey.asked).toHaveLength(3);
});

it("goes on behind what a sign of life has named, and hears before anything has ended", async () => {
  follow();
  await read();
  latchkey.stream.send("retry: 500\n\n");
  await read();
  expect(follower.hearing).toBe(false); // what was missed is still to come
  latchkey.stream.beat("20-3");
  await read();
  expect(follower.hearing).toBe(true);
  await outcome("ada");
  latchkey.stream.close();
  await read();
  await vi.advanceTimersByTimeAsync(100);
  expect(latchkey.stream.headers["Last-Event-ID"]).toBe("20-3");
  await hearing();
  await outcome("ada");
  expect(latchkey.asked).toHaveLength(1);
});

it("what was kept counts no more after `forget`, or where there is nothing to go on from", async () => {
  follow();
  await hearing();
  await outcome("ada");
  latchkey.stream.forget("9-0");
  await read();
  await outcome("ada");
  expect(latchkey.asked).toHaveLength(2);
  await goOn(400);
  await outcome("ada");
  expect(latchkey.asked).toHaveLength(2);
  follower.stop();

  follow();
  await hearing();
  await outcome("ada");
  latchkey.stream.close(); // no id was ever told
  await read();
  await vi.advanceTimersByTimeAsync(100);
  await hearing();
  await outcome("ada");
  expect(latchkey.asked).toHaveLength(4);
});

it("what can't be read of an ending may be everybody's; what is of another kind is nobody's", async () => {
  follow();
  await hearing();
  await outcome("ada");
  latchkey.stream.send('event: news\ndata: {"sub": "u-ada"}\n\ndata: {"sid": "s-ada"}\n\n');
  await read();
  await outcome("ada");
  expect(latchkey.asked).toHaveLength(1);
  for (const data of ["}", "null", "{}", '{"sid": 7}']) {
    const before = latchkey.asked.length;
    latchkey.stream.send(`event: ended\ndata: ${data}\n\n`);
    await read();
    await outcome("ada");
    expect([data, latchkey.asked.length]).toEqual([data, before + 1]);
  }
});

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
