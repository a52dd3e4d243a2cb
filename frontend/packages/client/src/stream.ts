/** Hears of the session's end the moment it happens, however it ended (`GET /api/sessions/stream`). */
import type { Send } from "./request";

const SHORTEST = 1_000;
const LONGEST = 30_000;

/**
 * Listen until the session ends or `signal` says stop, and open the stream anew whenever it breaks.
 *
 * Resolves with the reason of the end, or with null when told to stop.
 */
export async function listen(send: Send, url: string, signal: AbortSignal): Promise<string | null> {
  let delay = SHORTEST;
  while (!signal.aborted) {
    try {
      const response = await send(url, { headers: { Accept: "text/event-stream" }, signal });
      if (response.ok && response.body) {
        delay = SHORTEST;
        const reason = await endOf(response.body);
        if (reason !== null) return reason;
      }
    } catch {
      // Away, or told to stop: the loop looks.
    }
    await pause(delay * (1 + Math.random()), signal);
    delay = Math.min(delay * 2, LONGEST);
  }
  return null;
}

/** Read server-sent events until one is `ended`; null when the stream closes without it. */
export async function endOf(body: ReadableStream<Uint8Array>): Promise<string | null> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return null;
    text += value.replace(/\r\n?/g, "\n");
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      const data = /^data: ?(.*)$/m.exec(event)?.[1];
      if (data !== undefined && /^event: ?ended$/m.test(event)) {
        void reader.cancel();
        return (JSON.parse(data) as { reason?: string }).reason ?? "revoked";
      }
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", stop, { once: true });
  });
}
