import { describe, expect, it, vi } from "vitest";
import { endOf, listen } from "../src/stream";

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

  it("takes any line ending, also one that is cut in half", async () => {
    expect(await endOf(pieces("event: ended\r", '\ndata: {"reason": "expired"}\r', "\n\r", "\n"))).toBe("expired");
    expect(await endOf(pieces('event: ended\r\ndata: {"reason": "expired"}\r\n\r\n'))).toBe("expired");
  });

  it("is null when the stream breaks, and for events it doesn't know", async () => {
    expect(await endOf(pieces("event: news\ndata: {}\n\n", "event: ended\n"))).toBeNull();
  });
});

describe("listening", () => {
  it("opens a stream anew that has gone silent: the connection is dead, and nobody said so", async () => {
    vi.useFakeTimers();
    const stopped = new AbortController();
    const send = vi.fn((_: string, { signal }: RequestInit) => {
      const start = (control: ReadableStreamDefaultController<Uint8Array>) => {
        signal?.addEventListener("abort", () => control.error(signal.reason));
      };
      return Promise.resolve(new Response(new ReadableStream({ start })));
    });
    const done = listen(send, false, stopped.signal);
    await vi.advanceTimersByTimeAsync(24_000);
    expect(send).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(send).toHaveBeenCalledTimes(2);
    stopped.abort();
    expect(await done).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("waits as long as the service asks, and longer every time when there is no answer", async () => {
    vi.useFakeTimers();
    const stopped = new AbortController();
    const send = vi.fn(() => Promise.reject(new TypeError("network")));
    send.mockImplementationOnce((() =>
      Promise.resolve(new Response("{}", { status: 503, headers: { "Retry-After": "20" } }))) as never);
    const done = listen(send, false, stopped.signal);
    await vi.advanceTimersByTimeAsync(19_900);
    expect(send).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(send.mock.calls.length).toBeGreaterThan(3);
    expect(send.mock.calls.length).toBeLessThan(9);
    stopped.abort();
    await done;
    vi.useRealTimers();
  });

  const opened = () => Promise.resolve(new Response(new ReadableStream({ start: () => undefined })));
  const me = () => Promise.resolve(new Response('{"id":"ada"}', { headers: { "Content-Type": "application/json" } }));
  const ME = "/api/users/me";

  it("asks now and then where each tab would have a stream of its own", async () => {
    vi.useFakeTimers();
    const stopped = new AbortController();
    const send = vi.fn<(path: string) => Promise<Response>>(me);
    const done = listen(send, true, stopped.signal);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(new Set(send.mock.calls.map(([path]) => path))).toEqual(new Set([ME]));
    expect(send.mock.calls.length).toBeGreaterThan(3);
    expect(send.mock.calls.length).toBeLessThan(8);
    stopped.abort();
    await done;
    vi.useRealTimers();
  });

  it("asks now and then where streams alone don’t get through, and takes one when it can be had", async () => {
    vi.useFakeTimers();
    const stopped = new AbortController();
    let blocked = true;
    const send = vi.fn((path: string) => {
      if (path === ME) return me();
      return blocked ? Promise.reject(new TypeError("blocked by client")) : opened();
    });
    const done = listen(send, false, stopped.signal);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(send.mock.calls.filter(([path]) => path === ME).length).toBeGreaterThan(3);
    expect(send.mock.calls.length).toBeLessThan(16);
    blocked = false;
    await vi.advanceTimersByTimeAsync(35_000);
    expect(send.mock.lastCall?.[0]).toBe("/api/sessions/stream?quiet=true");
    stopped.abort();
    await done;
    vi.useRealTimers();
  });

  it("doesn’t hurry where something in between answers in the service’s place", async () => {
    vi.useFakeTimers();
    const stopped = new AbortController();
    const send = vi.fn(() => Promise.resolve(new Response("<p>", { headers: { "Content-Type": "text/html" } })));
    const done = listen(send, false, stopped.signal);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(send.mock.calls.length).toBeLessThan(5);
    stopped.abort();
    await done;
    vi.useRealTimers();
  });
});
