// Latchkey's stream of sessions that end (Server-Sent Events), followed: whether it is heard now, and what it says.
import { setTimeout as pause } from "node:timers/promises";
import { LATCHKEY, seconds } from "./callers.mjs";
import { authorization } from "./introspection.mjs";

export const SILENCE = 1; // Latchkey says something every half second: after that long nothing is certain
const LOST_AFTER = 3;

export class Endings {
  #on;
  #authorization = authorization();
  #heardAt = -SILENCE;
  #lastId = "";

  /** Calls `ended(sub, sid)`, without a `sid` for all of a user's, and `forget()` where endings may be missing. */
  constructor(on) {
    this.#on = on;
  }

  /** Whether all is known that has ended, but for the last second. */
  get alive() {
    return seconds() - this.#heardAt < SILENCE;
  }

  /** Listen until the signal says so, and begin anew where the connection is lost. */
  async follow(signal) {
    while (!signal.aborted) {
      await this.#listen(signal).catch((error) => {
        if (!signal.aborted) console.warn(`The stream of endings is lost: ${error.message}`);
      });
      this.#heardAt = -SILENCE;
      await pause(200 + Math.random() * 800, undefined, { signal }).catch(() => {}); // not all of us at the same moment
    }
  }

  async #listen(signal) {
    if (!this.#lastId) this.#on.forget();
    const over = new AbortController();
    const stop = () => over.abort(signal.reason);
    signal.addEventListener("abort", stop);
    const timer = setTimeout(() => over.abort(new Error("nothing is heard")), LOST_AFTER * 1000);
    try {
      const headers = { Accept: "text/event-stream", Authorization: this.#authorization };
      if (this.#lastId) headers["Last-Event-ID"] = this.#lastId;
      const init = { headers, redirect: "error", signal: over.signal };
      const response = await fetch(`${LATCHKEY}/oauth/revocations`, init);
      if (response.status !== 200) throw new Error(`it answered ${response.status}`);
      let [event, complete] = [{}, false];
      for await (const line of lines(response.body)) {
        timer.refresh();
        // What was missed comes before the first comment: from there on nothing is.
        complete ||= line.startsWith(":");
        if (complete) this.#heardAt = seconds();
        if (line.startsWith(":")) continue;
        if (line) {
          const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
          event[name] = value;
        } else {
          this.#heed(event);
          event = {};
        }
      }
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }

  #heed({ event, data = "{}", id = this.#lastId }) {
    const { sub, sid } = JSON.parse(data);
    if (event === "ended") this.#on.ended(sub, sid);
    else if (event === "forget") this.#on.forget();
    this.#lastId = id; // only now: what was said before has been done
  }
}

async function* lines(body) {
  let rest = "";
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    const found = (rest + part).split(/\r?\n/);
    rest = found.pop();
    yield* found;
  }
}
