import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import { renderToString } from "react-dom/server";
import { useEffect, type ReactElement } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { LatchkeyClient, type ProblemError } from "../src/index";
import { LatchkeyProvider, useMailLogin, useUser, type MailLogin } from "../src/react";
import { Service } from "./service";

let mail: MailLogin;

function Page({ onRender }: { onRender?: (found: MailLogin) => void }): ReactElement {
  const mail = useMailLogin();
  useEffect(() => {
    onRender?.(mail);
  });
  const user = useUser();
  return (
    <p>
      {mail.offer ? "offered" : "not known"}, {mail.email ?? "nobody asked"}, {user?.email ?? "signed out"}
    </p>
  );
}

function show(service: Service): LatchkeyClient {
  const client = new LatchkeyClient({ fetch: service.fetch, stream: false });
  client.start();
  render(
    <LatchkeyProvider client={client}>
      <Page
        onRender={(found) => {
          mail = found;
        }}
      />
    </LatchkeyProvider>,
  );
  return client;
}

const shown = (text: string) => waitFor(() => expect(screen.getByText(text)).toBeDefined());
const codeOf = (error: unknown) => (error as ProblemError).code;

beforeEach(() => {
  cleanup();
  sessionStorage.clear();
});

it("asks for a letter, and logs in with its code and the challenge of this tab", async () => {
  const service = new Service();
  const client = show(service);
  await shown("offered, nobody asked, signed out");
  await act(() => mail.start("ada@example.com"));
  await shown("offered, ada@example.com, signed out");
  await act(() => expect(mail.finish("000000")).rejects.toMatchObject({ code: "invalid_code" }));
  await shown("offered, ada@example.com, signed out");
  await act(() => mail.finish("271828"));
  await shown("offered, nobody asked, ada@example.com");
  const finished = service.calls.filter((call) => call.path === "/api/auth/email/finish");
  expect(finished.map((call) => call.body)).toEqual([
    { challenge: "lkm_challenge", code: "000000" },
    { challenge: "lkm_challenge", code: "271828" },
  ]);
  expect(finished[0]?.headers.get("x-session-transport")).toBe("cookie");
  client.stop();
});

it("forgets a log-in that is over, was called off, or has run out", async () => {
  const client = show(new Service());
  for (const ending of [
    () => mail.finish("999999").catch(codeOf),
    () => {
      mail.cancel();
      return Promise.resolve();
    },
  ]) {
    await act(() => mail.start("ada@example.com"));
    await shown("offered, ada@example.com, signed out");
    await act(async () => {
      await ending();
    });
    await shown("offered, nobody asked, signed out");
  }
  expect(await mail.finish("271828").catch(codeOf)).toBe("invalid_challenge");
  client.stop();
});

it("logs in with a link, once it has shown who asked", async () => {
  const service = new Service();
  const client = show(service);
  await act(async () => expect((await mail.look("token")).browser).toBe("Firefox"));
  expect(service.count("/api/auth/email/finish")).toBe(0);
  await act(() => mail.press("token"));
  await shown("offered, nobody asked, ada@example.com");
  client.stop();
});

it("works where the browser keeps nothing", async () => {
  const refused = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  const client = show(new Service());
  await act(() => mail.start("ada@example.com"));
  await waitFor(() => expect(screen.getByText(/ada@example.com/)).toBeDefined());
  await act(() => mail.finish("271828"));
  await shown("offered, nobody asked, ada@example.com");
  refused.mockRestore();
  client.stop();
});

it("renders on a server, where nothing was asked for", () => {
  const client = new LatchkeyClient();
  const page = (
    <LatchkeyProvider client={client}>
      <Page />
    </LatchkeyProvider>
  );
  expect(renderToString(page)).toContain("nobody asked");
  client.stop();
});

it("takes nothing from the storage that it hasn’t put there, nor what another service was asked for", async () => {
  const begun = { email: "ada@example.com", challenge: "lkm_other", until: Date.now() + 60_000 };
  for (const text of [
    "",
    "nonsense",
    "null",
    "7",
    "[]",
    "{",
    JSON.stringify({ ...begun, at: "https://other.example" }),
  ]) {
    sessionStorage.setItem("latchkey.mail", text);
    cleanup();
    const client = show(new Service());
    await shown("offered, nobody asked, signed out");
    client.stop();
  }
  sessionStorage.setItem("latchkey.mail", JSON.stringify(begun)); // as the version before has put it there
  cleanup();
  show(new Service()).stop();
  await shown("offered, ada@example.com, signed out");
});
