import { LatchkeyClient } from "@latchkey/client";
import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState, type ReactElement } from "react";
import { renderToString } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import { de } from "../src/messages/de.js";
import {
  Latchkey,
  pick,
  RequireSession,
  Say,
  SignedIn,
  SignedOut,
  SignIn,
  useAction,
  useAuth,
  useLatchkey,
  useOptions,
  useWords,
} from "../src/index.js";
import { ADA, expectAccessible, json, problem, Service, show, stops } from "./service.js";

const signedIn = (service = new Service()): Service => {
  service.answer("POST /api/auth/refresh", () => json({ access_token: "token", expires_in: 900 }));
  return service;
};

const Name = (): string => useOptions()?.name ?? "nothing known";

describe("the language", () => {
  it.each([
    [["de-AT"], ["de"], "de"],
    [["fr", "de"], ["de"], "de"],
    [["pt-BR"], ["pt", "pt-BR"], "pt-BR"],
    [["en-GB", "de"], ["de"], "en"],
    [["fr"], ["de"], "en"],
    [[null, undefined, ""], [], "en"],
  ])("of readers of %s, where there are %s, is %s", (wanted, known, found) => {
    expect(pick(wanted, known)).toBe(found);
  });

  it("is the page’s own first; nothing is said in another before its table has come", async () => {
    document.documentElement.lang = "de";
    let arrive: (table: typeof de) => void = () => undefined;
    const late = new Promise<typeof de>((resolve) => (arrive = resolve));
    show(new Service(), <SignIn />, { languages: { de: () => late } });
    await act(() => Promise.resolve());
    expect(document.body.textContent).toBe("");
    await act(async () => {
      arrive(de);
      await late;
    });
    expect(await screen.findByRole("button", { name: "Anmelden" })).toBeTruthy();
    document.documentElement.lang = "en";
  });

  it("is English where a table can’t be loaded; single messages may be one’s own", async () => {
    show(new Service(), <SignIn />, {
      language: "de",
      languages: { de: () => Promise.reject(new Error("gone")) },
      messages: { logIn: "Come in" },
    });
    expect(await screen.findByRole("button", { name: "Come in" })).toBeTruthy();
    expect(screen.getByLabelText("E-mail")).toBeTruthy();
  });

  it("stays what it is until another has come: what was typed stays, too", async () => {
    let arrive: (table: typeof de) => void = () => undefined;
    const late = new Promise<typeof de>((resolve) => (arrive = resolve));
    const client = new LatchkeyClient({ fetch: new Service().fetch, stream: false, name: "languages" });
    stops.push(() => client.stop());
    const speaking = (language: string): ReactElement => (
      <Latchkey client={client} language={language} languages={{ de: () => late }}>
        <SignIn />
      </Latchkey>
    );
    const { rerender } = render(speaking("en"));
    await userEvent.type(await screen.findByLabelText("E-mail"), "ada@");
    rerender(speaking("de"));
    expect(screen.getByLabelText<HTMLInputElement>("E-mail").value).toBe("ada@");
    await act(async () => {
      arrive(de);
      await late;
    });
    expect((await screen.findByLabelText<HTMLInputElement>("E-Mail")).value).toBe("ada@");
  });

  it("is an application’s, too: its own messages, and what is filled in is never taken for a tag", async () => {
    function Own(): ReactElement {
      const words = useWords({ greeting: "Hello <b>{name}</b>, {missing}" });
      return <Say text={words.greeting} values={{ name: "<b>Ada</b>" }} />;
    }
    show(new Service(), <Own />);
    expect((await screen.findByText("<b>Ada</b>")).tagName).toBe("STRONG");
  });
});

describe("what the service offers", () => {
  it("is asked once, and shared", async () => {
    const service = new Service({ name: "Acme" });
    show(service, [<Name key="1" />, <Name key="2" />]);
    expect((await screen.findByText(/AcmeAcme/)).textContent).toBe("AcmeAcme");
    expect(service.bodies("GET /api/auth/options")).toHaveLength(1);
  });

  it("is a password where the service doesn’t say, with no number that it hasn’t said", async () => {
    const service = new Service();
    service.answer("GET /api/auth/options", () => problem(404, "not_found"));
    show(service, <SignIn />);
    expect(await screen.findByLabelText("Password")).toBeTruthy();
  });
});

describe("a page for who is signed in", () => {
  it("shows a log-in to others, in its place", async () => {
    const { user } = show(new Service(), <RequireSession>a secret</RequireSession>);
    await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
    await user.type(screen.getByLabelText("Password"), "correct horse{Enter}");
    expect(await screen.findByText("a secret")).toBeTruthy();
  });

  it("stays as it is when a session ends by itself, and its owner logs in over it", async () => {
    function Page(): ReactElement {
      const [text, setText] = useState("");
      return <input aria-label="Text" value={text} onChange={({ target }) => setText(target.value)} />;
    }
    const service = signedIn();
    const { user, client } = show(
      service,
      <>
        <RequireSession>
          <Page />
        </RequireSession>
        <SignedIn>elsewhere</SignedIn>
        <SignedOut>
          <SignIn />
        </SignedOut>
      </>,
    );
    await user.type(await screen.findByLabelText("Text"), "half a sentence");
    service.answer("GET /api/users/me", () => problem(401, "not_authenticated"));
    service.answer("POST /api/auth/refresh", () => problem(400, "invalid_grant", { cause: "expired" }));
    await act(() => client.reload().catch(() => undefined));
    expect(await screen.findByRole("dialog", { name: "Log in again" })).toBeTruthy();
    expect(screen.getByText("You were away for long. Please log in again.")).toBeTruthy();
    service.answer("GET /api/users/me", () => json(ADA));
    await user.type(screen.getByLabelText("Password"), "correct horse{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(screen.getByLabelText<HTMLInputElement>("Text").value).toBe("half a sentence");
  });

  it("says what is in the way, and tries at once when asked to", async () => {
    const service = new Service();
    service.answer("POST /api/auth/refresh", () => Promise.reject(new TypeError("no network")));
    const { user } = show(service, <RequireSession>a secret</RequireSession>);
    expect(await screen.findByText("No connection")).toBeTruthy();
    await expectAccessible();
    signedIn(service);
    await user.click(screen.getByRole("button", { name: "Try now" }));
    expect(await screen.findByText("a secret")).toBeTruthy();
  });
});

describe("a call that wants a fresh session", () => {
  function Remove(): ReactElement {
    const client = useLatchkey();
    const { user } = useAuth();
    const action = useAction(() => client.call("DELETE", "/api/users/me"));
    return (
      <>
        <button onClick={() => void action.submit()}>Delete {user?.email}</button>
        <p>{action.problem?.message}</p>
      </>
    );
  }

  it("asks for the password, and goes on; or not, when that is called off", async () => {
    const service = signedIn();
    let fresh = false;
    service.answer("DELETE /api/users/me", () => (fresh ? json(undefined) : problem(403, "reauthentication_required")));
    service.answer("POST /api/auth/reauthenticate", (body) => {
      fresh = (body as { password: string }).password === "correct horse";
      return fresh ? json(undefined) : problem(400, "invalid_grant");
    });
    const { user } = show(
      service,
      <RequireSession>
        <Remove />
      </RequireSession>,
    );
    await user.click(await screen.findByRole("button", { name: /Delete/ }));
    await user.click(await screen.findByRole("button", { name: "Cancel" }));
    // Whoever has called it off knows that.
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(document.querySelector("p")?.textContent).toBe("");
    await user.click(screen.getByRole("button", { name: /Delete/ }));
    await user.type(await screen.findByLabelText("Password"), "wrong{Enter}");
    expect(await screen.findByText("Incorrect password.")).toBeTruthy();
    await expectAccessible();
    await user.clear(screen.getByLabelText("Password"));
    await user.type(screen.getByLabelText("Password"), "correct horse{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(service.bodies("DELETE /api/users/me")).toHaveLength(3);
  });
});

describe("looks", () => {
  it("can be one’s own, beside ours or instead of them", async () => {
    const { rerender } = show(new Service(), <SignIn />, { classNames: { button: "mine" }, appearance: "none" });
    const button = await screen.findByRole("button", { name: "Log in" });
    expect(button.className).toBe("mine");
    rerender(null);
    show(new Service(), <SignIn />, { classNames: { button: "mine" } });
    const other = await screen.findByRole("button", { name: "Log in" });
    expect(other.className).toBe("lk-button lk-button-primary lk-button-wide mine");
    expect(document.body.innerHTML).not.toContain("style=");
  });
});

it("is rendered on a server, where nothing is asked", () => {
  const asked = vi.spyOn(globalThis, "fetch");
  const html = renderToString(
    <Latchkey language="de" languages={{ de }}>
      <RequireSession>a secret</RequireSession>
    </Latchkey>,
  );
  expect(html).toContain("Wird geladen");
  expect(html).not.toContain("a secret");
  expect(html).not.toMatch(/style=|<script/);
  expect(asked).not.toHaveBeenCalled();
});

it("lets go of a client when another takes its place, as when the module that makes it is loaded anew", async () => {
  const watched: AbortSignal[] = [];
  const made = (name: string): LatchkeyClient => {
    const client = new LatchkeyClient({
      fetch: signedIn().fetch,
      stream: false,
      name,
      host: {
        watch: (_, signal) => void watched.push(signal),
        open: () => ({ tell: () => undefined, alone: (_, task) => task(false), close: () => undefined }),
      },
    });
    stops.push(() => client.stop());
    return client;
  };
  const around = (client: LatchkeyClient): ReactElement => (
    <Latchkey client={client}>
      <SignIn />
    </Latchkey>
  );
  const { rerender } = render(around(made("before")));
  const [before] = watched;
  expect(before?.aborted).toBe(false);
  rerender(around(made("after")));
  await waitFor(() => expect(watched).toHaveLength(2));
  expect(watched.map((signal) => signal.aborted)).toEqual([true, false]);
});
