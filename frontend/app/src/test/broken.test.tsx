/** What others do to the page behind React's back: it goes on, or a sentence stands in its place and leads on. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { mount } from "../mount";
import Root from "../Root";

let root: HTMLElement;
let unmount: () => void;

beforeEach(() => {
  root = document.body.appendChild(document.createElement("div"));
  root.id = "root";
  vi.stubGlobal("reportError", vi.fn());
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => {
  try {
    unmount();
  } catch {
    // It is in pieces, which is what this is about.
  }
  document.body.replaceChildren();
  document.documentElement.lang = "en";
  vi.unstubAllGlobals();
});

async function open(address: string): Promise<void> {
  const router = createMemoryRouter([{ path: "*", element: <Root /> }], { initialEntries: [address] });
  unmount = mount(root, <RouterProvider router={router} />);
  await screen.findByRole("heading", { name: /Log in|Anmelden/ });
}

function wrap(found: Iterable<Element>): void {
  for (const one of found) {
    const around = document.createElement("div");
    one.replaceWith(around);
    around.append(one);
  }
}

const EVERYTHING = "#root *";

/** What is put into an element of somebody else's. */
const DEEDS: Record<string, string> = {
  "a page": ".card .lk-root",
  "the boundary of a page": ".card > *",
  "a card": ".card",
  "the frame": ".welcome",
  "the boundary of all": "#root > *",
  "a form": "form",
  "fields, buttons and links": "input, button, a",
  "headings and paragraphs": "h1, p",
  everything: EVERYTHING,
};

it.each(Object.entries(DEEDS))(
  "%s in an element of somebody else’s: the next page comes, or a sentence and a way on",
  async (_, what) => {
    await open("/login");
    const link = screen.getByRole("link", { name: "Create an account" });
    wrap(Array.from(document.querySelectorAll(what)));
    link.click();
    const said = await waitFor(() => {
      const all = Array.from(document.body.querySelectorAll("h1"));
      const next = all.filter((one) => /Create an account|can’t be shown|Something went wrong/.test(one.textContent));
      expect(next.length).toBeGreaterThan(0);
      // What is left of the page before is gone, but where every single element was moved.
      if (what !== EVERYTHING) expect(all).toHaveLength(1);
      return next[0];
    });
    const around = within(said?.closest<HTMLElement>("main, .card, body") ?? document.body);
    expect([...around.queryAllByRole("link"), ...around.queryAllByRole("button")].length).toBeGreaterThan(0);
  },
);

it("speaks the page’s language when it is at its end", async () => {
  await open("/login");
  document.documentElement.lang = "de";
  const frame = root.firstElementChild;
  const around = document.createElement("div");
  frame?.replaceWith(around);
  unmount();
  const { lastWords } = await import("../lastWords");
  lastWords(root);
  expect(screen.getByRole("heading").textContent).toBe("Etwas ging schief");
  await userEvent.setup().tab();
  expect(document.activeElement?.getAttribute("href")).toBe("/");
});
