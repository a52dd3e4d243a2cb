import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ADA, api, ROOT } from "./fakeApi";
import { bytesOf, noteFiles, type Saved } from "./files";
import { expectAccessible, open } from "./render";

/** The files that were handed to the person. */
let saved: Saved[] = [];

beforeEach(() => {
  api.signedIn(ROOT);
  saved = noteFiles();
});
afterEach(() => vi.restoreAllMocks());

it("isn't there for others", async () => {
  api.signedIn(ADA);
  open("/admin/users");
  expect(await screen.findByRole("heading", { name: "There is nothing here" })).toBeTruthy();
  expect(api.asked).toEqual([]);
});

describe("users", () => {
  const GRACE = { ...ADA, id: "2", email: "grace@example.com", full_name: null };
  const inPages = (): void =>
    api.answer("GET /api/users", ({ query }: { query: { after: string | null } }) =>
      query.after === null ? { items: [ADA], next: "cursor", total: 2 } : { items: [GRACE], next: null, total: 2 },
    );
  const lastQuery = (): Record<string, unknown> | undefined => api.inputs("GET /api/users").at(-1)?.query;

  it("are found by what is typed, once typing stops", async () => {
    api.answer("GET /api/users", { items: [ADA], next: null, total: 1 });
    const user = open("/admin/users");
    await screen.findByText("Page 1 · 1 users");
    await user.type(screen.getByLabelText("Search"), "ada");
    await waitFor(() => expect(lastQuery()).toMatchObject({ q: "ada" }));
    expect(api.inputs("GET /api/users")).toHaveLength(2);
  });

  it("come newest first, and in the order of the column whose head is pressed", async () => {
    api.answer("GET /api/users", { items: [ADA], next: null, total: 1 });
    const user = open("/admin/users");
    const created = await screen.findByRole("columnheader", { name: /Created/ });
    expect(created.getAttribute("aria-sort")).toBe("descending");
    expect(lastQuery()).toMatchObject({ sort: "-created_at" });
    await user.click(within(created).getByRole("button"));
    await waitFor(() => expect(lastQuery()).toMatchObject({ sort: "created_at" }));
    await user.click(await screen.findByRole("button", { name: /Last log-in/ }));
    await waitFor(() => expect(lastQuery()).toMatchObject({ sort: "-last_login_at" }));
    await user.click(await screen.findByRole("button", { name: /^User/ }));
    await waitFor(() => expect(lastQuery()).toMatchObject({ sort: "email" }));
    const sorted = await screen.findByRole("columnheader", { name: /^User/ });
    expect(sorted.getAttribute("aria-sort")).toBe("ascending");
    expect(screen.getByRole("columnheader", { name: /Created/ }).getAttribute("aria-sort")).toBeNull();
    expect(screen.getByText("Never")).toBeTruthy();
    await expectAccessible();
  });

  it("are filtered by role and address; another filter begins at the first page", async () => {
    inPages();
    const user = open("/admin/users");
    await user.click(await screen.findByRole("button", { name: "Next" }));
    await screen.findByText("grace@example.com");
    await user.selectOptions(screen.getByLabelText("Role"), "Administrators");
    await waitFor(() => expect(lastQuery()).toMatchObject({ is_superuser: true, after: null }));
    await user.selectOptions(screen.getByLabelText("Address"), "Not confirmed");
    await waitFor(() => expect(lastQuery()).toMatchObject({ is_superuser: true, email_verified: false }));
    await user.selectOptions(screen.getByLabelText("State"), "Disabled");
    await waitFor(() => expect(lastQuery()).toMatchObject({ is_active: false }));
  });

  it("come in pages, forward and back", async () => {
    inPages();
    const user = open("/admin/users");
    await user.click(await screen.findByRole("button", { name: "Next" }));
    expect(await screen.findByText("grace@example.com")).toBeTruthy();
    expect(screen.getByText("Page 2 · 2 users")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Next" }).getAttribute("aria-disabled")).toBe("true");
    await user.click(screen.getByRole("button", { name: "Previous" }));
    expect(await screen.findByText("ada@example.com")).toBeTruthy();
  });

  it("are where they were when one comes back from one of them", async () => {
    inPages();
    api.answer("GET /api/users/{user_id}", GRACE);
    api.answer("GET /api/users/{user_id}/sessions", []);
    const user = open("/admin/users?q=example&sort=email");
    await user.click(await screen.findByRole("button", { name: "Next" }));
    await user.click(await screen.findByRole("link", { name: "grace@example.com" }));
    await screen.findByRole("heading", { name: "grace@example.com", level: 1 });
    const pages = screen.getByRole("main");
    await user.click(within(pages).getByRole("link", { name: "Users" }));
    expect(await screen.findByText("Page 2 · 2 users")).toBeTruthy();
    expect(lastQuery()).toMatchObject({ q: "example", sort: "email", after: "cursor" });
    expect(screen.getByLabelText<HTMLInputElement>("Search").value).toBe("example");
    await user.click(screen.getByRole("button", { name: "Previous" }));
    expect(await screen.findByText("Page 1 · 2 users")).toBeTruthy();
  });

  it("at a page that somebody linked to can be left for the first one", async () => {
    inPages();
    const user = open("/admin/users?after=cursor&page=7");
    expect(await screen.findByText("Page 7 · 2 users")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Previous" }));
    expect(await screen.findByText("Page 1 · 2 users")).toBeTruthy();
  });

  it("that nobody has are said to be missing", async () => {
    api.answer("GET /api/users", { items: [], next: null, total: 0 });
    open("/admin/users?q=nobody");
    expect(await screen.findByRole("heading", { name: "Nobody found" })).toBeTruthy();
  });

  it("are downloaded as they are filtered and sorted, and a refusal is said", async () => {
    api.answer("GET /api/users", { items: [ADA], next: null, total: 1 });
    let refused = false;
    api.answer("GET /api/users.csv", () =>
      refused
        ? new Response(JSON.stringify({ code: "forbidden", detail: "You may not." }), { status: 403 })
        : new Response("id\r\n"),
    );
    const user = open("/admin/users?q=ada&is_superuser=false&sort=email");
    await user.click(await screen.findByRole("button", { name: "Download CSV" }));
    await waitFor(() => expect(saved).toHaveLength(1));
    expect(saved[0]?.name).toBe("users.csv");
    const bytes = await bytesOf(saved[0]?.blob);
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(api.inputs("GET /api/users.csv")[0]?.query).toEqual({ q: "ada", is_superuser: "false", sort: "email" });
    refused = true;
    await user.click(screen.getByRole("button", { name: "Download CSV" }));
    expect((await screen.findByRole("alert")).textContent).toContain("You may not do that.");
  });
});
