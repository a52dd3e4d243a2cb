// @vitest-environment node
/** An API of one's own that hears of endings: nobody who has ended is let in, and nobody else is asked about twice. */
import { expect, it, vi } from "vitest";
import { everyTime, follow, follower, goOn, hearing, latchkey, outcome, read, troubles } from "./following";
import { ISSUER, token } from "./latchkey";

everyTime();

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

it("a bound token is no bearer's, and its session's end is heard of as any other's", async () => {
  latchkey.sessions.set("bound", { sub: "u-ada", sid: "s-bound", cnf: { jkt: "a-key" } });
  const seen: string[][] = [];
  follow({
    proofs: {
      check: (_, shown, jkt) => {
        seen.push([shown, jkt]);
        return Promise.resolve();
      },
    },
  });
  await hearing();
  expect(await outcome("bound")).toBe("bound");
  const shown = token("bound");
  const request = { headers: { authorization: `DPoP ${shown}` } };
  for (let call = 0; call < 2; call++) expect(await follower.authenticate(request)).toMatchObject({ sid: "s-bound" });
  expect(latchkey.asked).toHaveLength(1);
  expect(seen).toEqual(Array(2).fill([shown, "a-key"]));
  latchkey.stream.ended({ sub: "u-ada", sid: "s-bound", reason: "logged_out" });
  await read();
  await expect(follower.authenticate(request)).rejects.toMatchObject({ flaw: "inactive" });
  expect(seen).toHaveLength(2);
});
