/** A service in the page: answers what a test says, and remembers what it was asked; and the parts, rendered on a real client. */
import { LatchkeyClient, type User } from "@latchkey/client";
import { render, screen } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import axe from "axe-core";
import type { ReactNode } from "react";
import { expect } from "vitest";
import { Latchkey, type LatchkeyProps, type Options } from "../src/index.js";

export const ADA: User = {
  id: "2ec25cb3-8b3a-4a0f-81e2-807d88b2487f",
  email: "ada@example.com",
  full_name: "Ada Lovelace",
  is_active: true,
  is_superuser: false,
  email_verified: true,
  factors: [],
  created_at: "2026-11-23T09:10:07Z",
  updated_at: null,
};

export const OPTIONS: Options = {
  name: "Latchkey",
  registration: "open",
  confirm_email: false,
  password: { min_length: 8, max_length: 128 },
  ways: [{ kind: "password" }],
  second_factor: { set_up: true, trust_device: true },
  languages: ["en", "de"],
};

interface Call {
  what: string;
  body: unknown;
}

type Answer = Response | Promise<Response>;

/** An answer of the service. */
export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(body === undefined ? null : JSON.stringify(body), { status, headers });

/** An answer from 400 up. */
export const problem = (status: number, code: string, more: object = {}, headers = {}): Response =>
  json({ status, code, detail: "The service’s own words.", ...more }, status, headers);

export class Service {
  readonly asked: Call[] = [];
  private readonly answers = new Map<string, (body: unknown) => Answer>();

  constructor(options: Partial<Options> = {}) {
    this.answer("GET /api/auth/options", () => json({ ...OPTIONS, ...options }));
    this.answer("POST /api/auth/refresh", () => problem(400, "invalid_grant"));
    this.answer("GET /api/users/me", () => json(ADA));
    this.answer("POST /api/auth/login", () => json({ access_token: "token", expires_in: 900 }));
    this.answer("POST /api/auth/logout", () => json(undefined, 204));
  }

  answer(what: string, with_: (body: unknown) => Answer): void {
    this.answers.set(what, with_);
  }

  /** The bodies of every call of `what`. */
  bodies(what: string): unknown[] {
    return this.asked.filter((call) => call.what === what).map(({ body }) => body);
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, "https://id.example.com");
    const what = `${init?.method ?? "GET"} ${url.pathname}`;
    const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
    this.asked.push({ what, body });
    const answer = this.answers.get(what);
    return answer ? answer(body) : problem(404, "not_found");
  };
}

let clients = 0;

/** Render `children` in a `<Latchkey>` whose service is `service`. */
export function show(
  service: Service,
  children: ReactNode,
  props: Partial<LatchkeyProps> = {},
): { user: UserEvent; client: LatchkeyClient; rerender: (children: ReactNode) => void } {
  const client = new LatchkeyClient({ fetch: service.fetch, stream: false, name: `test-${++clients}` });
  const around = (inside: ReactNode): ReactNode => (
    <main>
      <Latchkey client={client} {...props}>
        {inside}
      </Latchkey>
    </main>
  );
  const { rerender, unmount } = render(around(children));
  stops.push(() => {
    unmount();
    client.stop();
  });
  return { user: userEvent.setup(), client, rerender: (inside) => rerender(around(inside)) };
}

/** Log in on the page that is shown, once it is. */
export async function logIn(): Promise<void> {
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
  await user.type(screen.getByLabelText("Password"), "correct horse{Enter}");
}

/** To be called after each test. */
export const stops: (() => void)[] = [];

/** Colours need a real browser: the end-to-end tests look at them. */
export async function expectAccessible(): Promise<void> {
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
}
