/** The whole application at an address, and axe's opinion of it. */
import { render } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import axe from "axe-core";
import { createMemoryRouter, RouterProvider } from "react-router";
import { expect } from "vitest";
import Root from "../Root";

/** Open the application at `address`. Links from letters also set the page's own fragment, providers its whole address. */
export function open(address: string): UserEvent {
  const own = address.startsWith("/login/callback/") ? address : `/#${address.split("#")[1] ?? ""}`;
  window.history.replaceState(null, "", own);
  render(
    <RouterProvider router={createMemoryRouter([{ path: "*", element: <Root /> }], { initialEntries: [address] })} />,
  );
  return userEvent.setup();
}

/** Colours need a real browser: the end-to-end tests look at them. */
export async function expectAccessible(): Promise<void> {
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
}
