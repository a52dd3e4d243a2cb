/** Passkeys in the field of a log-in page: offered beside what the browser has stored, and never out of date. */
import type { LatchkeyClient } from "./client.js";
import { pause } from "./within.js";
import { isPassing } from "./problem.js";
import {
  getPasskey,
  isCancelled,
  passkeysAvailable,
  statics,
  type RequestOptions,
  type ShownPasskey,
} from "./webauthn.js";

const SHORTEST = 1_000;
const LONGEST = 30_000;
/** A challenge is renewed when this much of its life is over: whoever picks a passkey then has the rest of it. */
const GOOD_FOR = 3 / 4;

/**
 * Offer passkeys until `over` says stop, and give what was picked to `take`. Quiet whatever happens: it is an offer. Where
 * `take` rejects, or nobody is signed in after it, it goes on.
 */
export async function offer(
  client: LatchkeyClient,
  take: (shown: ShownPasskey, options: RequestOptions) => Promise<unknown>,
  over: AbortSignal,
): Promise<void> {
  if (!passkeysAvailable() || !(await statics().isConditionalMediationAvailable?.())) return;
  let wait = SHORTEST;
  for (;;) {
    await seen(over);
    if (over.aborted) return;
    const round = new AbortController();
    const stop = () => round.abort();
    const looked = new AbortController();
    over.addEventListener("abort", stop, looked);
    try {
      const options = await client.open("POST", "/api/auth/passkeys/options", { signal: round.signal });
      const until = Date.now() + options.timeout * GOOD_FOR;
      const timer = setTimeout(stop, options.timeout * GOOD_FOR);
      looked.signal.onabort = () => clearTimeout(timer);
      // Timers sleep with the computer.
      document.addEventListener("visibilitychange", () => Date.now() > until && stop(), looked);
      const shown = await getPasskey(options, round.signal, round);
      await take(shown, options);
      wait = SHORTEST;
      if (client.getState().status === "signed_in") return;
      // Whoever picks without being asked mustn't do so for ever.
      await pause(SHORTEST, over);
    } catch (error) {
      // Renewed, or called off for another question: that one is waited for.
      if (round.signal.aborted) continue;
      if (!isPassing(error) && !isCancelled(error)) return;
      await pause(wait, over);
      wait = Math.min(wait * 2, LONGEST);
    } finally {
      looked.abort();
    }
  }
}

/** Wait until somebody looks at the page: one that lies in the background all day asks the service for nothing. */
function seen(over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const looked = new AbortController();
    const look = () => {
      if (document.visibilityState !== "visible" && !over.aborted) return;
      looked.abort();
      resolve();
    };
    document.addEventListener("visibilitychange", look, looked);
    over.addEventListener("abort", look, looked);
    look();
  });
}
