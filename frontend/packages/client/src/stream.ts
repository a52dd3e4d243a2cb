/** Hears of the session's end the moment it happens, however it ended (`GET /api/sessions/stream`). Loaded with the first session. */
import { problemOf } from "./problem.js";
import type { Send } from "./request.js";
import { pause, within } from "./within.js";

const STREAM = "/api/sessions/stream?quiet=true";
const SHORTEST = 1_000;
const LONGEST = 15_000;
const POLL = 20_000; // where there is no stream, and the service doesn't say how long to wait
const LONGEST_POLL = 60_000; // whatever is asked for: the end of the session should be noticed
const SILENCE = 25_000; // the service says something every ten seconds: this silent, the connection is dead

/**
 * Listen until the session ends or `signal` says stop, and open the stream anew whenever it breaks.
 *
 * A service that has no place for it says so quietly (204: browsers write every answer from 400 up into the console).
 * Then asking again now and then takes its place: each time the service looks whether the session lives, `send` ends it
 * here where it doesn't, and a place that has become free is taken. So it is where streams alone don't get through (what
 * blocks advertisements may take one for that), and where `shared`: without locks each tab would have a stream of its own,
 * and six connections are all that browsers have for a service over HTTP/1.1.
 *
 * Resolves with the reason of the end, or with null when told to stop.
 */
export async function listen(send: Send, shared: boolean, signal: AbortSignal): Promise<string | null> {
  let blocked = 0; // how many streams in a row didn't get through
  let asking = shared;
  for (let delay = SHORTEST; !signal.aborted; delay = Math.min(delay * 2, LONGEST)) {
    let least = 0;
    const got = { through: false };
    try {
      const reason = await within(SILENCE, signal, async (signal, clock) => {
        const headers = { Accept: "text/event-stream" };
        const response = await send(asking ? "/api/users/me" : STREAM, { headers: asking ? {} : headers, signal });
        got.through = true;
        if (asking && response.ok) {
          delay = SHORTEST;
          await response.text(); // its connection is free again
          if (shared || blocked > 1) least = POLL;
          return null;
        }
        if (response.ok && response.body) {
          delay = SHORTEST;
          blocked = 0;
          // Something in between has answered, such as a hotel's log-in page.
          if (/html|json/.test(response.headers.get("content-type") ?? "")) least = POLL;
          return endOf(response.body, () => clock(SILENCE));
        }
        const refused = response.status === 204;
        if (refused) delay = SHORTEST;
        least = Math.max(((await problemOf(response)).retryAfter ?? 0) * 1000, refused ? POLL : 0);
        return null;
      });
      if (reason !== null) return reason;
    } catch {
      // Away, silent, or told to stop: the loop looks.
    }
    if (!got.through && !asking) blocked++;
    asking = shared || !(got.through || asking);
    least = Math.min(least, LONGEST_POLL);
    await pause(Math.max(delay * (1 + Math.random()), least * (1 + Math.random() / 2)), signal);
  }
  return null;
}

/** Read server-sent events until one is `ended`; null when the stream closes without it. `alive` hears every byte. */
export async function endOf(body: ReadableStream<Uint8Array>, alive?: () => void): Promise<string | null> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return null;
    alive?.();
    // A \r at the end may be half of a line's end: it stays until the rest is there.
    text = (text + decoder.decode(value, { stream: true })).replace(/\r\n|\r(?!$)/g, "\n");
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const data = /^data: ?(.*)$/m.exec(event)?.[1];
      if (data !== undefined && /^event: ?ended$/m.test(event)) {
        void reader.cancel().catch(() => undefined);
        return (JSON.parse(data) as { reason?: string }).reason ?? "revoked";
      }
    }
  }
}
