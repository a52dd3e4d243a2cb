import { screen, waitFor } from "@testing-library/react";
import { Component, type ReactElement, type ReactNode } from "react";
import { describe, expect, it, vi } from "vitest";
import { Activity, RequireSession, Switched, useDevices, useKept } from "../src/index.js";
import { json, problem, show } from "./service.js";
import { GRACE, LAPTOP, PHONE, EVENT, signedIn, inside, times } from "./people.js";

describe("an answer", () => {
  const Count = (): ReactElement => {
    const { devices, problem, loading } = useDevices();
    return (
      <p>
        {devices?.length ?? "no"} devices{loading && ", asking"} {problem?.message}
      </p>
    );
  };

  it("that is known is shown at once, and asked for anew behind; two who want it ask once", async () => {
    const service = signedIn();
    const both = inside(
      <>
        <Count />
        <Count />
      </>,
    );
    const { rerender } = show(service, both);
    expect(await screen.findAllByText("2 devices")).toHaveLength(2);
    expect(times(service, "GET /api/sessions")).toBe(1);
    rerender(inside(null));
    const now = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(now + 60_000);
    service.answer("GET /api/sessions", () => json([LAPTOP]));
    rerender(both);
    expect(screen.getAllByText("2 devices, asking")).toHaveLength(2);
    expect(await screen.findAllByText("1 devices")).toHaveLength(2);
    expect(times(service, "GET /api/sessions")).toBe(2);
  });

  it("that nobody waited for is asked for again by whoever comes next, however soon", async () => {
    const service = signedIn();
    const answers: (() => void)[] = [];
    service.answer(
      "GET /api/sessions",
      () => new Promise((resolve) => answers.push(() => resolve(json([LAPTOP, PHONE].slice(answers.length - 1))))),
    );
    const { rerender } = show(service, inside(<Count />));
    await screen.findByText("no devices, asking");
    rerender(inside(null));
    rerender(inside(<Count />));
    await waitFor(() => expect(answers).toHaveLength(2));
    for (const answer of answers) answer();
    expect(await screen.findByText("1 devices")).toBeTruthy();
  });

  it("is one of fifty at most: a search for each text typed keeps no list of each", async () => {
    const asked: string[] = [];
    const Found = ({ text }: { text: string }): string => {
      const { data } = useKept(`found ${text}`, () => Promise.resolve(asked.push(text)));
      return data === undefined ? "nothing yet" : `found ${text}`;
    };
    const { rerender } = show(signedIn(), inside(<Found text="0" />));
    await screen.findByText("found 0");
    for (let number = 1; number <= 55; number++) {
      rerender(inside(<Found text={String(number)} />));
      await screen.findByText(`found ${number}`);
    }
    rerender(inside(<Found text="54" />));
    expect(screen.getByText("found 54")).toBeTruthy();
    rerender(inside(<Found text="0" />));
    expect(screen.getByText("nothing yet")).toBeTruthy();
    expect(await screen.findByText("found 0")).toBeTruthy();
  });

  it("that can’t be had for a while is asked for again by itself, and what is known stays", async () => {
    const service = signedIn();
    const { rerender } = show(service, inside(<Count />));
    await screen.findByText("2 devices");
    service.answer("GET /api/sessions", () => problem(503, "unavailable", {}, { "retry-after": "1" }));
    rerender(inside(null));
    const now = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(now + 60_000);
    rerender(inside(<Count />));
    expect(await screen.findByText(/^2 devices The service can’t answer/)).toBeTruthy();
    service.answer("GET /api/sessions", () => json([]));
    expect(await screen.findByText("0 devices")).toBeTruthy();
  });

  it("of one user is never the next one’s", async () => {
    const service = signedIn();
    const { client } = show(
      service,
      <RequireSession>
        <Count />
        <Switched />
      </RequireSession>,
    );
    await screen.findByText("2 devices");
    let answer: (response: Response) => void = () => undefined;
    service.answer("GET /api/sessions", () => new Promise((resolve) => (answer = resolve)));
    service.answer("GET /api/users/me", () => json(GRACE));
    await client.login(GRACE.email, "correct horse");
    expect(await screen.findByText("no devices, asking")).toBeTruthy();
    answer(json([LAPTOP]));
    expect(await screen.findByText("1 devices")).toBeTruthy();
  });

  it("that can’t be drawn isn’t kept: whoever tries again gets a new one", async () => {
    class Catch extends Component<{ children: ReactNode }> {
      override state = { broken: false };
      static getDerivedStateFromError = (): object => ({ broken: true });
      override render(): ReactNode {
        if (!this.state.broken) return this.props.children;
        return <button onClick={() => this.setState({ broken: false })}>Again</button>;
      }
    }
    vi.spyOn(console, "error").mockReturnValue(undefined);
    const service = signedIn();
    service.answer("GET /api/users/me/events", () => json([{ id: "1" }]));
    const { user } = show(
      service,
      inside(
        <Catch>
          <Activity />
        </Catch>,
      ),
    );
    const again = await screen.findByRole("button", { name: "Again" });
    service.answer("GET /api/users/me/events", () => json([EVENT]));
    await user.click(again);
    expect(await screen.findByText("Failed log-in")).toBeTruthy();
  });

  it("that a mistake of ours prevents is the boundary’s", async () => {
    class Catch extends Component<{ children: ReactNode }> {
      override state = { said: "" };
      static getDerivedStateFromError = (error: Error): object => ({ said: error.message });
      override render(): ReactNode {
        return this.state.said || this.props.children;
      }
    }
    vi.spyOn(console, "error").mockReturnValue(undefined);
    const Broken = (): string => useKept<string>("x", () => Promise.reject(new Error("ours"))).data ?? "";
    show(
      signedIn(),
      inside(
        <Catch>
          <Broken />
        </Catch>,
      ),
    );
    expect(await screen.findByText("ours")).toBeTruthy();
  });
});
