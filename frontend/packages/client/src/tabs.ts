/**
 * What the tabs of one browser tell one another, and who may do what only one should.
 *
 * Both work without the browser's help, only less well: the service answers parallel refreshes alike.
 */

export type Message = { type: "token"; token: string; expiresAt: number } | { type: "ended"; reason: string };

export interface Tabs {
  /** Tell the other tabs. */
  tell(message: Message): void;
  /** Run `task` while no other tab runs one of the same name. */
  alone<T>(name: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  close(): void;
}

export function openTabs(name: string, heard: (message: Message) => void): Tabs {
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(name);
  if (channel) channel.onmessage = (event: MessageEvent<Message>) => heard(event.data);
  return {
    tell: (message) => channel?.postMessage(message),
    alone: async (what, task, signal) =>
      typeof navigator !== "undefined" && "locks" in navigator
        ? navigator.locks.request(`${name}.${what}`, signal ? { signal } : {}, task)
        : task(),
    close: () => channel?.close(),
  };
}
