/** The parts for administrators by themselves: in an application that gives them no addresses, and in German. */
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { AdminEvents, AdminUsers } from "../src/admin.js";
import { de } from "../src/messages/de.js";
import { ADA, expectAccessible, json, Service, show, stops } from "./service.js";

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function atWork(): Service {
  const service = new Service();
  let her = ADA;
  service.answer("POST /api/auth/refresh", () => json({ access_token: "token", expires_in: 900 }));
  service.answer("GET /api/users", () => json([her]));
  service.answer(`GET /api/users/${ADA.id}`, () => json(her));
  service.answer(`GET /api/users/${ADA.id}/sessions`, () => json([]));
  service.answer(`PATCH /api/users/${ADA.id}`, (change) => json((her = { ...her, ...(change as object) })));
  service.answer("GET /api/admin/events", () =>
    json([
      {
        ...{ id: "1", type: "login.failed", created_at: ADA.created_at, session_id: null, ip: "203.0.113.7" },
        ...{ user_agent: null, device: null, detail: {}, user_id: ADA.id, user_email: ADA.email, user_name: null },
        ...{ actor_id: null, actor_email: null, actor_name: null, request_id: null },
      },
    ]),
  );
  return service;
}

it("remember where they are, and lead on with buttons, where the application gives them no addresses", async () => {
  const service = atWork();
  const { user } = show(service, <AdminUsers />);
  await user.click(await screen.findByRole("button", { name: ADA.email }));
  await user.click(await screen.findByRole("button", { name: "Disable" }));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Disable" }));
  expect(await screen.findByText("The user is disabled.")).toBeTruthy();
  expect(service.bodies(`PATCH /api/users/${ADA.id}`)).toEqual([{ is_active: false }]);
  expect(screen.queryByRole("link")).toBeNull();
  await expectAccessible();
  await user.click(screen.getByRole("button", { name: "Users" }));
  // What was changed is seen at once, though the list was there a moment ago.
  expect(await screen.findByText("Disabled", { selector: "span" })).toBeTruthy();
  expect(document.activeElement).toBe(screen.getByRole("heading", { level: 1, name: "Users" }));
});

it("speak German where the page does, of people and of events", async () => {
  const languages = { de };
  const links = { adminUsers: "/users" };
  const { user, rerender } = show(atWork(), <AdminUsers />, { language: "de", languages, links });
  await user.click(await screen.findByRole("button", { name: ADA.email }));
  expect(await screen.findByRole("button", { name: "Sperren" })).toBeTruthy();
  expect(screen.getByText("Kein Gerät ist angemeldet")).toBeTruthy();
  await expectAccessible();
  rerender(<AdminEvents at="?person=ada@example.com" />);
  expect(await screen.findByText("Anmeldung fehlgeschlagen", { selector: "strong" })).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>(/^Person/).value).toBe("ada@example.com");
  expect(screen.getByRole("link", { name: ADA.email }).getAttribute("href")).toBe(`/users/${ADA.id}`);
  await waitFor(() => expect(document.querySelector("[lang]")?.getAttribute("lang")).toBe("de"));
  await expectAccessible();
});
