import { act, render, screen, waitFor } from "@testing-library/react";
import { renderToString } from "react-dom/server";
import type { ReactElement } from "react";
import { expect, it, vi } from "vitest";
import { LatchkeyClient } from "../src/index";
import { LatchkeyProvider, useLetterToken, useSession, useSessions, useUser } from "../src/react";
import { json, problem, Service } from "./service";
import { pair } from "./slow";

function Who(): ReactElement {
  const user = useUser();
  return (
    <p>
      {useSession().status} {user?.email}
    </p>
  );
}

function Devices(): ReactElement {
  return <p>{useSessions().sessions ? "arrived" : "waiting"}</p>;
}

it("renders on a server, where it is loading", () => {
  const client = new LatchkeyClient();
  const page = (
    <LatchkeyProvider client={client}>
      <Who />
    </LatchkeyProvider>
  );
  expect(renderToString(page)).toContain("loading");
  client.stop();
});

it("follows the session", async () => {
  const service = new Service();
  service.signedIn = true;
  const client = new LatchkeyClient({ fetch: service.fetch, stream: false });
  client.start();
  render(
    <LatchkeyProvider client={client}>
      <Who />
      <Devices />
    </LatchkeyProvider>,
  );
  await waitFor(() => expect(screen.getByText("signed_in ada@example.com")).toBeDefined());
  await waitFor(() => expect(screen.getByText("arrived")).toBeDefined());
  await client.logout();
  await waitFor(() => expect(screen.getByText("signed_out")).toBeDefined());
  client.stop();
});

it("shows the devices that are left after one was ended, whatever an older answer says", async () => {
  const service = new Service();
  const answers: ((response: Response) => void)[] = [];
  const client = new LatchkeyClient({
    stream: false,
    fetch: ((url: string, init: RequestInit) =>
      url.endsWith("/sessions") && init.method === "GET"
        ? new Promise<Response>((resolve) => answers.push(resolve))
        : service.fetch(url, init)) as typeof fetch,
  });
  await client.login("ada@example.com", "correct horse battery");
  function List(): ReactElement {
    const { sessions = [], end } = useSessions();
    return <button onClick={() => void end("phone")}>{sessions.map((one) => one.id).join() || "none"}</button>;
  }
  render(
    <LatchkeyProvider client={client}>
      <List />
    </LatchkeyProvider>,
  );
  act(() => screen.getByText("none").click());
  await waitFor(() => expect(answers).toHaveLength(2));
  await act(async () => Promise.resolve(answers[1]?.(json([{ id: "laptop" }]))));
  await waitFor(() => expect(screen.getByText("laptop")).toBeDefined());
  await act(async () => Promise.resolve(answers[0]?.(json([{ id: "laptop" }, { id: "phone" }]))));
  expect(screen.getByText("laptop")).toBeDefined();
});

it("shows nobody the devices of the one before, and finds those of the next by itself", async () => {
  let who = "ada";
  const client = new LatchkeyClient({
    stream: false,
    fetch: ((url: string) => {
      if (url.endsWith("/login")) return Promise.resolve(json(pair(`s-${who}`, 1, who)));
      if (url.endsWith("/me")) return Promise.resolve(json({ id: who }));
      if (url.endsWith("/sessions")) return Promise.resolve(json([{ id: `${who}'s laptop` }]));
      return Promise.resolve(problem(401, { code: "not_authenticated" }));
    }) as typeof fetch,
  });
  const seen: string[] = [];
  function List(): ReactElement {
    const state = useSession();
    const { sessions } = useSessions();
    const text = `${state.status === "signed_in" ? state.user.id : "nobody"}: ${sessions?.map(({ id }) => id).join() ?? "none"}`;
    seen.push(text);
    return <p>{text}</p>;
  }
  render(
    <LatchkeyProvider client={client}>
      <List />
    </LatchkeyProvider>,
  );
  await act(() => client.login("ada@example.com", "correct horse battery"));
  await waitFor(() => expect(screen.getByText("ada: ada's laptop")).toBeDefined());
  await act(() => client.logout());
  expect(screen.getByText("nobody: none")).toBeDefined();
  who = "bob";
  await act(() => client.login("bob@example.com", "correct horse battery"));
  await waitFor(() => expect(screen.getByText("bob: bob's laptop")).toBeDefined());
  expect(seen.filter((text) => /ada.*bob|bob.*ada|nobody: .*laptop/.test(text))).toEqual([]);
});

it("asks for the devices anew when the page is looked at again", async () => {
  const service = new Service();
  const client = new LatchkeyClient({ fetch: service.fetch, stream: false });
  await client.login("ada@example.com", "correct horse battery");
  const now = vi.spyOn(Date, "now");
  render(
    <LatchkeyProvider client={client}>
      <Devices />
    </LatchkeyProvider>,
  );
  await waitFor(() => expect(screen.getByText("arrived")).toBeDefined());
  expect(service.count("/api/sessions")).toBe(1);
  now.mockReturnValue(Date.now() + 5_000);
  act(() => {
    window.dispatchEvent(new Event("focus"));
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await waitFor(() => expect(service.count("/api/sessions")).toBe(2));
  now.mockRestore();
});

it("keeps a letter's token for a reload, out of the address bar, until it is forgotten", () => {
  window.history.replaceState({ idx: 3 }, "", "/reset-password?x=1#token=secret");
  function Letter(): ReactElement {
    const [token, forget] = useLetterToken();
    return <button onClick={forget}>{token ?? "none"}</button>;
  }
  const load = () => render(<Letter />);
  const first = load();
  expect(screen.getByText("secret")).toBeDefined();
  expect(window.location.href).toMatch(/\/reset-password\?x=1$/);
  expect(window.history.state).toMatchObject({ idx: 3 });
  first.unmount();
  const reloaded = load();
  act(() => screen.getByText("secret").click());
  expect(JSON.stringify(window.history.state)).toBe('{"idx":3}');
  reloaded.unmount();
  load();
  expect(screen.getByText("none")).toBeDefined();
});
