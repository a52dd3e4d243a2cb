/** An API of one's own that follows the endings of a pretended Latchkey, with the clock moved by hand. */
import { afterEach, beforeEach, expect, vi } from "vitest";
import { followRevocations, InvalidToken, type Follower, type FollowerOptions } from "../src/server";
import { bearer, CLIENT, Latchkey } from "./latchkey";

export let latchkey: Latchkey;
export let follower: Follower;
export let troubles: string[];

export function follow(options: Partial<FollowerOptions> = {}): void {
  const onTrouble = (error: unknown) => troubles.push((error as Error).message);
  follower = followRevocations({ ...CLIENT, fetch: latchkey.fetch, onTrouble, ...options });
}

/** For each test anew: to be called once in a file. */
export function everyTime(): void {
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
}

/** What was sent has been read. */
export const read = () => new Promise<void>((resolve) => setImmediate(resolve));

export async function hearing(): Promise<void> {
  await read();
  latchkey.stream.beat();
  await read();
  expect(follower.hearing).toBe(true);
}

/** Beats go on for so many milliseconds. */
export async function goOn(milliseconds: number): Promise<void> {
  for (let time = 0; time < milliseconds; time += 400) {
    await vi.advanceTimersByTimeAsync(400);
    latchkey.stream.beat();
    await read();
  }
}

export const outcome = (name: string) =>
  follower.authenticate(bearer(name)).then(
    ({ sub }) => sub,
    (error: unknown) => (error instanceof InvalidToken ? error.flaw : (error as Error).name),
  );
