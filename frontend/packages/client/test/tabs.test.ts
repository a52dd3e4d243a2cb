import { afterEach, describe, expect, it, vi } from "vitest";
import { openTabs } from "../src/tabs";
import { withTabs } from "./browser";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const ignore = () => undefined;

describe("one tab at a time", () => {
  it("is told whether another one ran just before", async () => {
    withTabs();
    const [one, two] = [openTabs("here", ignore), openTabs("here", ignore)];
    const waited = await Promise.all([
      one.alone("it", (waited) => Promise.resolve(waited)),
      two.alone("it", (waited) => Promise.resolve(waited)),
    ]);
    expect(waited).toEqual([false, true]);
  });

  it("runs the task once when it is the task that fails", async () => {
    withTabs();
    const task = vi.fn(() => Promise.reject(new Error("no")));
    await expect(openTabs("here", ignore).alone("it", task)).rejects.toThrow("no");
    expect(task).toHaveBeenCalledTimes(1);
  });

  it("does without locks where the browser keeps them from the page", async () => {
    const denied = () => Promise.reject(new DOMException("denied", "SecurityError"));
    vi.stubGlobal("navigator", { locks: { request: denied } });
    expect(await openTabs("here", ignore).alone("it", () => Promise.resolve("done"))).toBe("done");
  });

  it("leaves the line when told to stop, and runs nothing", async () => {
    withTabs();
    const tabs = openTabs("here", ignore);
    const control = new AbortController();
    const task = vi.fn(() => Promise.resolve());
    void tabs.alone("it", () => new Promise(ignore));
    const waiting = tabs.alone("it", task, control.signal);
    await Promise.resolve();
    control.abort();
    await expect(waiting).rejects.toThrow();
    expect(task).not.toHaveBeenCalled();
  });
});

describe("telling", () => {
  it("does nothing where there are no channels, or this one is closed", () => {
    vi.stubGlobal("BroadcastChannel", undefined);
    openTabs("here", ignore).tell({ type: "ended", reason: "revoked", session: null });
    withTabs();
    const tabs = openTabs("here", ignore);
    tabs.close();
    tabs.tell({ type: "ended", reason: "revoked", session: null });
  });
});
