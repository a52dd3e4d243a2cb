import { render, screen, waitFor } from "@testing-library/react";
import { renderToString } from "react-dom/server";
import type { ReactElement } from "react";
import { expect, it } from "vitest";
import { LatchkeyClient } from "../src/index";
import { LatchkeyProvider, useSession, useSessions, useUser } from "../src/react";
import { Service } from "./service";

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
