/** Hears of the session's end the moment it happens, however it ended (`GET /api/sessions/stream`). */
import { pause } from "./pause.js";
import { problemOf } from "./problem.js";
import type { Send } from "./request.js";

const SHORTEST = 1_000;
const LONGEST = 15_000;
const POLL = 20_000; // where there is no place for a stream, and the service doesn't say how long to wait
const LONGEST_POLL = 60_000; // whatever is asked for: the end of the session should be noticed
const SILENCE = 25_000; // the service says something every ten seconds: this silent, the connection is dead

/**
 * Listen until the session ends or `signal` says stop, and open the stream anew whenever it breaks.
 *
 * A service that has no place for it says so quietly (204: browsers write every answer from 400 up into the console).
 * Then asking again now and then takes its place: each time the service looks whether the session lives, `send` ends it
 * here where it doesn't, and a place that has become free is taken.
 *
 * Resolves with the reason of the end, or with null when told to stop.
 */
export async function listen(send: Send, url: string, signal: AbortSignal): Promise<string | null> {
  for (let delay = SHORTEST; !signal.aborted; delay = Math.min(delay * 2, LONGEST)) {
    const connection = new AbortController();
    const hangUp = () => connection.abort();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(hangUp, SILENCE);
    };
    signal.addEventListener("abort", hangUp);
    let least = 0;
    try {
      alive();
      const headers = { Accept: "text/event-stream" };
      const response = await send(`${url}?quiet=true`, { headers, signal: connection.signal });
      if (response.ok && response.body) {
        delay = SHORTEST;
        const reason = await endOf(response.body, alive);
        if (reason !== null) return reason;
      } else {
        const refused = response.status === 204;
        if (refused) delay = SHORTEST;
        least = Math.max(((await problemOf(response)).retryAfter ?? 0) * 1000, refused ? POLL : 0);
      }
    } catch {
      // Away, silent, or told to stop: the loop looks.
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", hangUp);
    }
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
