import { describe, expect, it } from "vitest";
import { endOf } from "../src/stream";

function pieces(...texts: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(control) {
      for (const text of texts) control.enqueue(new TextEncoder().encode(text));
      control.close();
    },
  });
}

describe("reading a stream", () => {
  it("finds the end among heartbeats, however the bytes are cut", async () => {
    expect(await endOf(pieces(":\n\n", "eve", "nt: ended\nda", 'ta: {"reason": "reused"}\n', "\n"))).toBe("reused");
  });

  it("takes any line ending", async () => {
    expect(await endOf(pieces('event: ended\r\ndata: {"reason": "expired"}\r\n\r\n'))).toBe("expired");
  });

  it("is null when the stream breaks, and for events it doesn't know", async () => {
    expect(await endOf(pieces("event: news\ndata: {}\n\n", "event: ended\n"))).toBeNull();
  });
});
