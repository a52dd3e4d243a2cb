/** Server-sent events, read from a body of `fetch`, however its bytes are cut (HTML Living Standard, section 9.2). */

/** What a stream said: an event, or with `event` null a comment, which may bring an id. */
export interface Said {
  event: string | null;
  data: string;
  /** The last id that the stream has given, in this event or before; "" for none. */
  id: string;
}

/** No line of ours comes near; what sends more is something else. */
const LONGEST_LINE = 65_536;

/** Hand over what `body` says, until it closes. `alive` hears of every piece of it. Rejects where the connection breaks. */
export async function* read(body: ReadableStream<Uint8Array>, id: string, alive: () => void): AsyncGenerator<Said> {
  const reader = body.getReader();
  const decoder = new TextDecoder(); // it leaves a byte order mark out
  let text = "";
  let [event, data, seen, comment] = ["", "", id, false];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      text += decoder.decode(value, { stream: true });
      const lines = text.split(/\r\n|\n|\r(?!$)/); // a \r at the end may be half of a line's end
      text = lines.pop() ?? "";
      if (text.length > LONGEST_LINE) throw new Error("This is no stream of events");
      for (const line of lines) {
        const [, name = "", content = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
        if (line === "") {
          id = seen;
          if (data) yield { event: event || "message", data: data.slice(0, -1), id };
          else if (comment) yield { event: null, data: "", id };
          event = data = "";
          comment = false;
        } else if (name === "") comment = true;
        else if (name === "event") event = content;
        else if (name === "data") data += `${content}\n`;
        else if (name === "id" && !content.includes("\0")) seen = content;
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
