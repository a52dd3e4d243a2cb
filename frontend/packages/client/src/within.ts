/** Time that is limited, and waiting that can be called off: with the caller's signal, also where signals know no reasons. */
import { NetworkError } from "./problem.js";

/** Sets the clock anew: so many milliseconds from now on; without a number it stops. */
export type Clock = (milliseconds?: number) => void;

/**
 * Do `work` for at most `limit` milliseconds. What takes longer is given up and rejects as a `NetworkError`; `given` gives
 * it up as well, with its own reason.
 */
export async function within<T>(
  limit: number | undefined,
  given: AbortSignal | undefined,
  work: (signal: AbortSignal, clock: Clock) => Promise<T>,
): Promise<T> {
  const control = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop: (reason: Error) => void;
  // Not everything in it hears the signal: some wait for another's work, which goes on.
  const stopped = new Promise<never>((_, reject) => {
    stop = (reason) => {
      reject(reason);
      control.abort(reason);
    };
  });
  const clock: Clock = (milliseconds) => {
    clearTimeout(timer);
    if (milliseconds !== undefined) timer = setTimeout(() => stop(new NetworkError(true)), milliseconds);
  };
  // React Native's signals know no reasons.
  const giveUp = () => stop((given?.reason as Error | undefined) ?? new NetworkError(false));
  clock(limit);
  given?.addEventListener("abort", giveUp);
  if (given?.aborted) giveUp();
  try {
    return await Promise.race([work(control.signal, clock), stopped]);
  } finally {
    clock();
    given?.removeEventListener("abort", giveUp);
  }
}

/** Wait for some milliseconds, or until `signal` says stop. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return within(milliseconds, signal, () => new Promise<undefined>(() => undefined)).catch(() => undefined);
}
