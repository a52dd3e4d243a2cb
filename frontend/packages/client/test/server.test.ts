// @vitest-environment node
/** On a server, where one process has many visitors, and there is no window. */
import { expect, it, vi } from "vitest";
import { createClient, LatchkeyClient } from "../src/index";
import { Service } from "./service";

it("is imported, made and started without a window, and asks nothing", () => {
  const fetch = vi.fn();
  const client = createClient({ fetch });
  expect(client.getState()).toEqual({ status: "loading" });
  expect(fetch).not.toHaveBeenCalled();
});

it("shares nothing between visitors: clients of one name in one process hear nothing of one another", async () => {
  const service = new Service();
  const [mine, theirs] = [new LatchkeyClient({ fetch: service.fetch }), new LatchkeyClient({ fetch: service.fetch })];
  await mine.login("ada@example.com", "correct horse battery");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(mine.getState().status).toBe("signed_in");
  expect(theirs.getState().status).toBe("loading");
});

it("leaves no timer that would keep a process alive", async () => {
  vi.useFakeTimers();
  const client = new LatchkeyClient({ fetch: new Service().fetch });
  await client.login("ada@example.com", "correct horse battery");
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
