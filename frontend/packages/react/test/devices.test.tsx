import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { Devices } from "../src/index.js";
import { de } from "../src/messages/de.js";
import { expectAccessible, json, problem, show } from "./service.js";
import { LAPTOP, PHONE, signedIn, inside, times } from "./people.js";

describe("devices", () => {
  it("are called by names of their user’s, by keyboard, beside what they are", async () => {
    const service = signedIn();
    let phone: Omit<typeof PHONE, "name"> & { name: string | null } = PHONE;
    service.answer("GET /api/sessions", () => json([LAPTOP, phone]));
    service.answer("PATCH /api/sessions/phone", (body) => {
      phone = { ...phone, name: (body as { name: string }).name.trim() || null };
      return json(phone);
    });
    const { user } = show(service, inside(<Devices />), { language: "de", languages: { de } });
    const button = await screen.findByRole("button", { name: "Mobile Safari auf iOS, 198.51.100.9 benennen" });
    button.focus();
    await user.keyboard("{Enter}");
    const field = await screen.findByLabelText<HTMLInputElement>(/Wie Sie es nennen/);
    expect(document.activeElement).toBe(field);
    await user.keyboard("Vergessen{Escape}");
    expect(document.activeElement).toBe(button);
    expect(screen.queryByLabelText(/Wie Sie es nennen/)).toBeNull();
    await user.keyboard("{Enter}Telefon{Enter}");
    const named = await screen.findByRole("button", { name: "Telefon, 198.51.100.9 benennen" });
    expect(document.activeElement).toBe(named);
    expect(screen.getByText("Mobile Safari auf iOS ·")).toBeTruthy();
    await expectAccessible();
    await user.keyboard("{Enter}");
    expect(screen.getByLabelText<HTMLInputElement>(/Wie Sie es nennen/).value).toBe("Telefon");
    await user.clear(screen.getByLabelText(/Wie Sie es nennen/));
    service.answer("PATCH /api/sessions/phone", () =>
      problem(422, "validation_error", { errors: [{ pointer: "/name", detail: "No" }] }),
    );
    await user.keyboard("x{Enter}");
    await waitFor(() => expect(screen.getByLabelText(/Wie Sie es nennen/).getAttribute("aria-invalid")).toBe("true"));
  });

  it("are ended one at a time, after a question; thinking better of it leads back", async () => {
    const service = signedIn();
    service.answer("DELETE /api/sessions/phone", () => json(undefined));
    const { user } = show(service, inside(<Devices />));
    const button = await screen.findByRole("button", { name: "Log out Mobile Safari on iOS, 198.51.100.9" });
    await expectAccessible();
    await user.click(button);
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Cancel" }));
    expect(document.activeElement).toBe(button);
    expect(times(service, "DELETE /api/sessions/phone")).toBe(0);
    await user.click(button);
    const dialog = screen.getByRole("dialog", { name: "Log out Mobile Safari on iOS?" });
    await expectAccessible();
    service.answer("GET /api/sessions", () => json([LAPTOP]));
    await user.click(within(dialog).getByRole("button", { name: "Log out" }));
    expect(await screen.findByText("Mobile Safari on iOS is logged out.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: /^Log out Mobile Safari/ })).toBeNull();
    expect(screen.getByRole("button", { name: "Log out all others" }).ariaDisabled).toBe("true");
  });

  it("are all ended but this one", async () => {
    const service = signedIn();
    service.answer("DELETE /api/sessions", () => json(undefined));
    const { user } = show(service, inside(<Devices />));
    await screen.findByText("Firefox on Linux");
    await user.click(screen.getByRole("button", { name: "Log out all others" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Log out all others" }));
    expect(await screen.findByText("All other devices are logged out.")).toBeTruthy();
  });

  it("are all ended, this one too; and a service that is away is said in the question", async () => {
    const service = signedIn();
    service.answer("POST /api/auth/logout-all", () => problem(503, "unavailable"));
    const { user } = show(service, inside(<Devices />));
    await user.click(await screen.findByRole("button", { name: "Log out everywhere" }));
    const again = within(screen.getByRole("dialog")).getByRole("button", { name: "Log out everywhere" });
    await user.click(again);
    expect(await screen.findByText("Temporarily unavailable")).toBeTruthy();
    service.answer("POST /api/auth/logout-all", () => json(undefined));
    await user.click(again);
    expect(await screen.findByRole("heading", { name: "Log in" })).toBeTruthy();
    expect(screen.getByText("You logged out on all devices.")).toBeTruthy();
  });

  it("this one is ended by logging out", async () => {
    const service = signedIn();
    service.answer("POST /api/auth/logout", () => json(undefined));
    const { user } = show(service, inside(<Devices />));
    await user.click(await screen.findByRole("button", { name: "Log out of this device" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Log out" }));
    expect(await screen.findByRole("heading", { name: "Log in" })).toBeTruthy();
  });
});
