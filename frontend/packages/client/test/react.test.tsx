import { act, render, screen, waitFor } from "@testing-library/react";
import { renderToString } from "react-dom/server";
import type { ReactElement } from "react";
import { expect, it } from "vitest";
import { LatchkeyClient } from "../src/index";
import { LatchkeyProvider, useSession, useSessions, useUser } from "../src/react";
import { json, Service } from "./service";

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
