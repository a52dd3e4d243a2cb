/**
 * What the tabs of one browser tell one another, and who may do what only one should.
 *
 * Both work without the browser's help, only less well: the service answers parallel refreshes alike.
 */

import { within } from "./within.js";

/** `session` is the session's id, by which a tab knows late news of an old session. */
export type Message =
  { type: "token"; token: string; expiresAt: number } | { type: "ended"; reason: string; session: string | null };

/** Longer than one try to refresh: a tab that holds the lock for longer is asleep. */
const PATIENCE = 15_000;

/** `waited`: another tab did the same a moment ago. `shared`: another may be doing it now, for this browser has no locks. */
export type Task<T> = (waited: boolean, shared?: boolean) => Promise<T>;

export interface Tabs {
  /** Tell the other tabs. */
  tell(message: Message): void;
  /**
   * Run `task` while no other tab runs one of the same name.
   *
   * After 15 seconds it runs all the same; with a `signal` it waits for its turn until that says stop, and then rejects.
   */
  alone<T>(name: string, task: Task<T>, signal?: AbortSignal): Promise<T>;
  close(): void;
}

/** A tab by itself; also a server, whose visitors must hear nothing of one another. */
export const noTabs: Tabs = { tell: () => undefined, alone: (_, task) => task(false), close: () => undefined };

export function openTabs(name: string, heard: (message: Message) => void): Tabs {
  let channel: BroadcastChannel | null = null;
  try {
    channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (isMessage(data)) heard(data);
    };
  } catch {
    // A browser without channels, or one that keeps them from this page.
  }
  return {
    tell: (message) => channel?.postMessage(message),
    alone: (what, task, signal) => alone(`${name}.${what}`, task, signal),
    close: () => {
      channel?.close();
      channel = null;
    },
  };
}

/** Whatever else is said in a channel of this name, by another program or another version, is nothing to us. */
function isMessage(data: unknown): data is Message {
  const { type, reason, token, expiresAt } = (data ?? {}) as Record<string, unknown>;
  if (type === "token") return typeof token === "string" && Number.isFinite(expiresAt);
  return type === "ended" && typeof reason === "string";
}

async function alone<T>(name: string, task: Task<T>, signal?: AbortSignal): Promise<T> {
  const { locks } = navigator as { locks?: LockManager };
  if (!locks) return task(false, true);
  let running: Promise<T> | undefined;
  try {
    await within(signal ? undefined : PATIENCE, signal, async (waiting, clock) => {
      const run = (waited: boolean): Promise<T> => {
        clock();
        return (running = task(waited));
      };
      await locks.request(name, { ifAvailable: true }, (lock) => lock && run(false));
      if (!running) await locks.request(name, { signal: waiting }, () => run(true));
    });
  } catch (error) {
    // Not the task's own error: nobody gave us the lock, in time or at all.
    if (signal?.aborted) throw error;
  }
  return running ?? task(true, true);
}
