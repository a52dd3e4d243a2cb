/**
 * What the tabs of one browser tell one another, and who may do what only one should.
 *
 * Both work without the browser's help, only less well: the service answers parallel refreshes alike.
 */

/** `session` is the session's id, by which a tab knows late news of an old session. */
export type Message =
  { type: "token"; token: string; expiresAt: number } | { type: "ended"; reason: string; session: string | null };

export interface Limits {
  /** Give up waiting for one's turn; what runs already is left to end by itself. */
  signal?: AbortSignal;
  /** Milliseconds after which the task runs all the same: a tab may sleep with the lock in its hand. */
  patience?: number;
}

export interface Tabs {
  /** Tell the other tabs. */
  tell(message: Message): void;
  /** Run `task` while no other tab runs one of the same name. It is told whether another one did a moment ago. */
  alone<T>(name: string, task: (waited: boolean) => Promise<T>, limits?: Limits): Promise<T>;
  close(): void;
}

/** A tab by itself; also a server, whose visitors must hear nothing of one another. */
export const noTabs: Tabs = { tell: () => undefined, alone: (_, task) => task(false), close: () => undefined };

export function openTabs(name: string, heard: (message: Message) => void): Tabs {
  let channel: BroadcastChannel | null = null;
  try {
    channel = new BroadcastChannel(name);
    channel.onmessage = (event: MessageEvent<Message>) => heard(event.data);
  } catch {
    // A browser without channels, or one that keeps them from this page.
  }
  return {
    tell: (message) => channel?.postMessage(message),
    alone: (what, task, limits) => alone(`${name}.${what}`, task, limits),
    close: () => {
      channel?.close();
      channel = null;
    },
  };
}

async function alone<T>(
  name: string,
  task: (waited: boolean) => Promise<T>,
  { signal, patience }: Limits = {},
): Promise<T> {
  const { locks } = navigator as { locks?: LockManager };
  if (!locks) return task(false);
  const waiting = new AbortController();
  const giveUp = () => waiting.abort();
  const timer = patience === undefined ? undefined : setTimeout(giveUp, patience);
  signal?.addEventListener("abort", giveUp);
  let running: Promise<T> | undefined;
  const run = (waited: boolean): Promise<T> => {
    clearTimeout(timer);
    return (running = task(waited));
  };
  try {
    await locks.request(name, { ifAvailable: true }, (lock) => lock && run(false));
    if (!running) await locks.request(name, { signal: waiting.signal }, () => run(true));
  } catch (error) {
    // Not the task's own error: nobody gave us the lock, in time or at all.
    if (signal?.aborted) throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
  return running ?? task(true);
}
