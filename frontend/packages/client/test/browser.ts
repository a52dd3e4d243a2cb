/** What a browser gives its tabs, and jsdom doesn't: locks and channels. Taken away again after each test. */
import { vi } from "vitest";

export function withTabs(): void {
  const queues = new Map<string, Promise<unknown>>();
  const held = new Set<string>();
  type Task = (lock: object | null) => Promise<unknown>;
  interface Limits {
    signal?: AbortSignal;
    ifAvailable?: boolean;
  }
  const request = async (name: string, ...rest: [Task] | [Limits, Task]): Promise<unknown> => {
    const [limits, task] = rest.length === 1 ? [{} as Limits, rest[0]] : rest;
    if (limits.ifAvailable && held.has(name)) return task(null);
    const before = queues.get(name) ?? Promise.resolve();
    const stopped = new Promise<never>((_, reject) =>
      limits.signal?.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError"))),
    );
    stopped.catch(() => undefined);
    held.add(name);
    const run = Promise.race([before, stopped]).then(() => task({}));
    const after = Promise.allSettled([before, run]).then(() => {
      if (queues.get(name) === after) held.delete(name);
    });
    queues.set(name, after);
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
