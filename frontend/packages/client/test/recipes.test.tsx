/** The recipes of docs/react.md, run: each is a file in `recipes/`, and stands in the document as it stands there. */
import { createServer, type Server } from "node:http";
import { createHash } from "node:crypto";
import type { AddressInfo, Socket } from "node:net";
import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import type { AxiosError } from "axios";
import type { ReactElement } from "react";
import { afterEach, expect, it, vi } from "vitest";
import { LatchkeyClient, NetworkError } from "../src/index";
import { createTestClient } from "../src/testing";
import { apiOf } from "./recipes/axios";
import { queriesOf } from "./recipes/query";
import { live } from "./recipes/socket";
import { json, problem, Service } from "./service";

const API = "https://api.example.com";

it("axios: the token goes along, a 401 is refreshed and repeated, other answers are axios's own", async () => {
  const service = new Service();
  const asked: Request[] = [];
  const answers = [() => problem(401, {}), () => json(["milk"]), () => problem(409, { code: "taken" })];
  const client = new LatchkeyClient({
    stream: false,
    origins: [API],
    fetch: ((input: string | Request, init: RequestInit) => {
      if (typeof input === "string") return service.fetch(input, init);
      asked.push(new Request(input, init));
      return Promise.resolve((answers.shift() ?? (() => json({})))());
    }) as typeof fetch,
  });
  await client.login("ada@example.com", "correct horse battery");
  const api = apiOf(client, API);
  expect((await api.post("/notes", { text: "milk" })).data).toEqual(["milk"]);
  expect(service.count("/api/auth/refresh")).toBe(1);
  expect(await Promise.all(asked.map((request) => request.text()))).toEqual(Array(2).fill('{"text":"milk"}'));
  expect(new Set(asked.map((request) => request.headers.get("authorization"))).size).toBe(2);
  const refused = await api.get("/notes").catch((error: unknown) => error as AxiosError);
  expect(refused).toMatchObject({ response: { status: 409, data: { code: "taken" } } });
  await expect(apiOf(client, "https://evil.test").get("/")).rejects.toThrow("is not in origins");
});

it("TanStack Query: what may pass is tried again, a refusal is not; nothing is left for the next user", async () => {
  let times = 0;
  const client = createTestClient({
    answers: {
      [`GET ${API}/notes`]: () => {
        if (++times === 1) throw new NetworkError(false);
        return times === 2 ? ["milk"] : Response.json({}, { status: 403 });
      },
    },
  });
  const queries = queriesOf(client);
  queries.setDefaultOptions({ queries: { ...queries.getDefaultOptions().queries, retryDelay: 1 } });
  function Notes(): ReactElement {
    const { data, error } = useQuery({
      queryKey: ["notes"],
      queryFn: async () => {
        const answer = await client.fetch(`${API}/notes`);
        if (!answer.ok) throw new Error(String(answer.status));
        return (await answer.json()) as string[];
      },
    });
    return <p>{error ? `failed with ${error.message}` : (data ?? ["nothing yet"]).join()}</p>;
  }
  const page = (key: string) => (
    <QueryClientProvider client={queries}>
      <Notes key={key} />
    </QueryClientProvider>
  );
  const { rerender } = render(page("ada"));
  expect(await screen.findByText("milk")).toBeDefined();
  expect(times).toBe(2);
  act(() => client.signIn({ id: "grace" }));
  expect(queries.getQueryCache().getAll()).toEqual([]);
  rerender(page("grace"));
  expect(await screen.findByText("failed with 403")).toBeDefined();
  expect(times).toBe(3);
});

let server: Server | undefined;
afterEach(() => void server?.close());

it("WebSocket: the token is the first message, and there is a new socket when one has ended", async () => {
  const heard: string[] = [];
  const said: string[] = [];
  const sockets: Socket[] = [];
  server = createServer().on("upgrade", ({ headers, url = "" }, socket: Socket) => {
    said.push(url);
    sockets.push(socket);
    const key = createHash("sha1").update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    const upgraded = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade";
    socket.write(`${upgraded}\r\nSec-WebSocket-Accept: ${key.digest("base64")}\r\n\r\n`);
    socket.on("data", (frame) => {
      if ((frame[0] ?? 0) !== 0x81) return; // it closes
      const length = (frame[1] ?? 0) & 127; // shorter than 126 here
      const mask = frame.subarray(2, 6);
      said.push(Buffer.from(frame.subarray(6, 6 + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0))).toString());
      socket.write(Buffer.concat([Buffer.from([0x81, 5]), Buffer.from("hello")]));
    });
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/live`;
  const client = createTestClient();
  const stop = live(client, url, (message) => heard.push(message));
  const limit = { timeout: 15_000 };
  await vi.waitFor(() => expect(heard).toEqual(["hello"]), limit);
  expect(said).toEqual(["/live", '{"token":"test-token"}']);
  sockets[0]?.destroy();
  await vi.waitFor(() => expect(heard).toEqual(["hello", "hello"]), limit);
  client.signOut("expired");
  sockets[1]?.destroy();
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(sockets).toHaveLength(2);
  stop();
});
