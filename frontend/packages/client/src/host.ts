/** What a client runs in. A page has one by itself; what has no pages gives its own (`@latchkey/client/native`). */
import { openTabs, type Message, type Tabs } from "./tabs.js";

export interface Host {
  /**
   * Call `wake` whenever the user is back, or the network, until `signal` says stop: timers sleep when the machine does.
   * `missed`: what happened meanwhile may not have been heard.
   */
  watch(wake: (missed?: boolean) => void, signal: AbortSignal): void;
  /** Whoever else shares the session of this name. */
  open(name: string, heard: (message: Message) => void): Tabs;
}

/** A page, and the other tabs of its browser. */
export const browser: Host = {
  watch: (wake, signal) => {
    const look = () => document.visibilityState === "visible" && wake();
    document.addEventListener("visibilitychange", look, { signal });
    window.addEventListener("online", look, { signal });
    window.addEventListener("focus", look, { signal });
    // A page that the browser had put away, and shows again as it was.
    window.addEventListener("pageshow", ({ persisted }) => persisted && wake(true), { signal });
  },
  open: openTabs,
};
