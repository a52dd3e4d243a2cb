/** The whole application at an address, and axe's opinion of it. */
import { render } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import axe from "axe-core";
import { MemoryRouter } from "react-router";
import { expect } from "vitest";
import App from "../App";
import { AuthProvider } from "../contexts/AuthContext";
import { ToastProvider } from "../contexts/ToastContext";

/** Open the application at `address`. Links from letters also set the page's own fragment. */
export function open(address: string): UserEvent {
  window.location.hash = address.split("#")[1] ?? "";
  render(
    <MemoryRouter initialEntries={[address]}>
      <ToastProvider>
        <AuthProvider>
          <App />
        </AuthProvider>
      </ToastProvider>
    </MemoryRouter>,
  );
  return userEvent.setup();
}

/** Colours need a real browser: the end-to-end tests look at them. */
export async function expectAccessible(): Promise<void> {
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
}
