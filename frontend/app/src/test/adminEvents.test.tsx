import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ADA, api, ROOT } from "./fakeApi";
import { noteFiles, type Saved } from "./files";
import { expectAccessible, open } from "./render";

/** The files that were handed to the person. */
let saved: Saved[] = [];

beforeEach(() => {
  api.signedIn(ROOT);
  saved = noteFiles();
});
afterEach(() => vi.restoreAllMocks());

describe("statistics", () => {
  it("are drawn, and are there as a table", async () => {
    const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000).toISOString();
    api.answer("GET /api/admin/statistics", {
      step: "hour",
      series: [{ name: "login.succeeded", points: [{ at: hour, value: 7 }] }],
    });
    open("/admin/statistics");
    expect(await screen.findByText("7 succeeded, 0 failed.")).toBeTruthy();
    const table = screen.getByRole("region", { name: "Numbers: Log-ins, succeeded and failed", hidden: true });
    const last = within(table).getAllByRole("row", { hidden: true }).at(-1);
    expect(last?.textContent).toMatch(/70$/);
  });

  it("come by the day, too", async () => {
    api.answer("GET /api/admin/statistics", { step: "hour", series: [] });
    const user = open("/admin/statistics");
    await user.click(await screen.findByRole("button", { name: "Days" }));
    await waitFor(() => expect(api.inputs("GET /api/admin/statistics").at(-1)?.query).toMatchObject({ step: "day" }));
  });
});

describe("events", () => {
  const failed = {
    id: "1",
    type: "login.failed",
    created_at: ADA.created_at,
    session_id: null,
    ip: "203.0.113.7",
    user_agent: "curl/8",
    device: "curl",
    browser: "curl",
    system: null,
    detail: {},
    user_id: ADA.id,
    user_email: ADA.email,
    user_name: ADA.full_name,
    actor_id: null,
    actor_email: null,
    actor_name: null,
    request_id: null,
  };
  const lastQuery = (): Record<string, unknown> | undefined => api.inputs("GET /api/admin/events").at(-1)?.query;

  it("name people, and are filtered by person, kind, place and time", async () => {
    api.answer("GET /api/admin/events", [failed]);
    const user = open("/admin/events");
    expect(await screen.findByText("curl · 203.0.113.7")).toBeTruthy();
    expect(screen.getByRole("link", { name: ADA.email }).getAttribute("href")).toBe(`/admin/users/${ADA.id}`);
    expect(screen.queryByText(new RegExp(ADA.id))).toBeNull();
    await user.selectOptions(screen.getByLabelText("Event"), "login.failed");
    await waitFor(() => expect(lastQuery()).toMatchObject({ type: "login.failed" }));
    await user.type(screen.getByLabelText(/^Person/), "ada@example.com{Enter}");
    await waitFor(() => expect(lastQuery()).toMatchObject({ email: "ada@example.com" }));
    await user.clear(screen.getByLabelText(/^Person/));
    await user.type(screen.getByLabelText(/^Person/), `${ADA.id}{Enter}`);
    await waitFor(() => expect(lastQuery()).toMatchObject({ user_id: ADA.id }));
    await user.click(screen.getByRole("button", { name: "Clear filters" }));
    await waitFor(() => expect(screen.getByLabelText<HTMLSelectElement>("Event").value).toBe("")); // its list is known
    expect(screen.getByLabelText<HTMLInputElement>(/^Person/).value).toBe("");
    await expectAccessible();
  });

  it("that are alike and neighbours are one; each of them is there when it is asked for", async () => {
    const other = { ...failed, id: "4", type: "login.succeeded" };
    const again = ["1", "2", "3"].map((id) => ({ ...failed, id }));
    api.answer("GET /api/admin/events", [...again, other, { ...failed, id: "5" }]);
    const user = open("/admin/events");
    expect(await screen.findByText("3 times")).toBeTruthy();
    const list = screen.getByRole("region", { name: "Events" });
    expect(within(list).getAllByText("Failed log-in")).toHaveLength(2);
    await user.click(within(list).getByText(/when each was/));
    expect(within(list).getAllByRole("listitem")).toHaveLength(3 + 3);
  });

  it("of those who are gone say so", async () => {
    const gone = { ...failed, type: "user.updated", user_email: null, user_name: null };
    api.answer("GET /api/admin/events", [
      { ...gone, id: "1", actor_id: "00000000-0000-0000-0000-000000000000" },
      { ...gone, id: "2", user_id: null, actor_id: ROOT.id, actor_email: ROOT.email, actor_name: "Root" },
      { ...gone, id: "3", user_id: null, ip: null, user_agent: null, device: null },
    ]);
    open("/admin/events");
    const gonePerson = await screen.findByText("an account that is gone");
    expect(gonePerson.closest("p, td, div")?.textContent).toContain(
      "an account that is gone · by an administrator who is gone",
    );
    const by = screen.getByRole("link", { name: ROOT.email }).closest("p, td, div");
    expect(by?.textContent).toContain("By root@example.com (Root)");
    expect(screen.getByText("No account, or one that is gone")).toBeTruthy();
  });

  it("are downloaded as they are filtered", async () => {
    api.answer("GET /api/admin/events", [failed]);
    api.answer("GET /api/admin/events.csv", () => new Response("id\r\n"));
    const user = open("/admin/events?type=login.failed&person=ada@example.com&ip=203.0.113.7");
    await user.click(await screen.findByRole("button", { name: "Download CSV" }));
    await waitFor(() => expect(saved[0]?.name).toBe("events.csv"));
    const wanted = { type: "login.failed", email: "ada@example.com", ip: "203.0.113.7" };
    expect(api.inputs("GET /api/admin/events.csv")[0]?.query).toEqual(wanted);
  });
});
