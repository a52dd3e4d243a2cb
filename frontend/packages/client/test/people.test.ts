/** Two people in one browser: what one asked for is never done as the other. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LatchkeyClient, type State } from "../src/index";
import { withTabs } from "./browser";
import { json, problem } from "./service";
import { pair, quiet, Slow, token } from "./slow";

const REFRESH = "/api/auth/refresh";
const ME = "/api/users/me";
const open: LatchkeyClient[] = [];
const user = (id: string) => json({ id, email: `${id}@example.com` });

beforeEach(withTabs);

afterEach(() => {
  for (const client of open.splice(0)) client.stop();
  vi.unstubAllGlobals();
});

/** Ada's tab, and all that it has been since. */
async function adas(slow: Slow): Promise<{ client: LatchkeyClient; states: State[] }> {
  const client = new LatchkeyClient({ fetch: slow.fetch, stream: false });
  open.push(client);
  client.start();
  await slow.answer(REFRESH, json(pair("s1", 1)));
  await slow.answer(ME, user("ada"));
  await vi.waitFor(() => expect(client.getState().status).toBe("signed_in"));
  const states: State[] = [];
  client.subscribe(() => states.push(client.getState()));
  return { client, states };
}

const BOB = { id: "bob", email: "bob@example.com" };
const BECAME_BOB = [
  { status: "signed_out", reason: "replaced" },
  { status: "signed_in", user: BOB, session: "s2", switched: true },
];

describe("a tab whose session becomes another's", () => {
  it("is signed out first, when it hears of it", async () => {
    const slow = new Slow();
    const { states } = await adas(slow);
    const news = { type: "token", token: token("s2", 1, "bob"), expiresAt: Date.now() + 9e5 };
    new BroadcastChannel("latchkey").postMessage(news);
    await slow.answer(ME, user("bob"));
    expect(states).toEqual(BECAME_BOB);
  });

  it("does nothing as the other that was asked for before", async () => {
    const slow = new Slow();
    const { client, states } = await adas(slow);
    const change = client.call("PATCH", ME, { body: { full_name: "Ada’s own text" } });
    const refused = expect(change).rejects.toMatchObject({ status: 401, reason: "replaced" });
    await slow.answer(ME, problem(401, { code: "invalid_token" }));
    await slow.answer(REFRESH, json(pair("s2", 1, "bob")));
    await refused;
    const sent = await slow.answer(ME, user("bob"));
    expect([sent.method, slow.asked]).toEqual(["GET", []]);
    expect(states).toEqual(BECAME_BOB);
  });

  it("nor after its own session has ended without a successor", async () => {
    const slow = new Slow();
    const { client } = await adas(slow);
    new BroadcastChannel("latchkey").postMessage({ type: "ended", reason: "expired", session: "s1" });
    await quiet();
    const change = client.call("PATCH", ME, { body: { full_name: "Ada’s own text" } });
    const refused = expect(change).rejects.toMatchObject({ status: 401, reason: "replaced" });
    await slow.answer(REFRESH, json(pair("s2", 1, "bob")));
    await refused;
    expect((await slow.answer(ME, user("bob"))).method).toBe("GET");
    expect(slow.asked).toEqual([]);
  });

  it("gives nobody the other's access token", async () => {
    const slow = new Slow();
    const { client } = await adas(slow);
    const asked = client.getAccessToken({ fresh: true });
    const refused = expect(asked).rejects.toMatchObject({ status: 401, reason: "replaced" });
    await slow.answer(REFRESH, json(pair("s2", 1, "bob")));
    await refused;
  });
});

it("another session of the same user goes on without a word", async () => {
  const slow = new Slow();
  const { client, states } = await adas(slow);
  const news = { type: "token", token: token("s2", 1), expiresAt: Date.now() + 9e5 };
  new BroadcastChannel("latchkey").postMessage(news);
  await slow.answer(ME, user("ada"));
  expect(states).toMatchObject([{ status: "signed_in", session: "s2", switched: false }]);
  expect(client.getState()).toMatchObject({ user: { id: "ada" } });
});

it("who logs in here knows who they are: nothing was switched", async () => {
  const slow = new Slow();
  const { client, states } = await adas(slow);
  void client.login("bob@example.com", "correct horse battery");
  await slow.answer("/api/auth/login", json(pair("s2", 1, "bob")));
  await slow.answer(ME, user("bob"));
  expect(states).toMatchObject([
    { status: "signed_out", reason: "replaced" },
    { status: "signed_in", user: BOB, switched: false },
  ]);
});
