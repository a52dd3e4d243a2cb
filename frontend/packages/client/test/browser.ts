/** What a browser gives its tabs, and jsdom doesn't: locks and channels. Taken away again after each test. */
import { vi } from "vitest";

export function withTabs(): void {
  const queues = new Map<string, Promise<unknown>>();
  const request = (name: string, options: { signal?: AbortSignal }, task: () => Promise<unknown>) => {
    const before = queues.get(name) ?? Promise.resolve();
    const stopped = new Promise((_, reject) =>
      options.signal?.addEventListener("abort", () => reject(new Error("abort"))),
    );
    stopped.catch(() => undefined);
    const run = Promise.race([before, stopped]).then(task);
    queues.set(name, Promise.allSettled([before, run]));
    return run;
  };
  vi.stubGlobal("navigator", { locks: { request } });

  const open = new Set<Channel>();
  class Channel {
    onmessage: ((event: { data: unknown }) => void) | null = null;
    constructor(readonly name: string) {
      open.add(this);
    }
    postMessage(data: unknown): void {
      for (const other of open)
        if (other !== this && other.name === this.name) queueMicrotask(() => other.onmessage?.({ data }));
    }
    close(): void {
      open.delete(this);
    }
  }
  vi.stubGlobal("BroadcastChannel", Channel);
}

export function withoutTabs(): void {
  vi.stubGlobal("BroadcastChannel", undefined);
}
