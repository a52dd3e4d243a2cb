/** Stands in for the client: answers what a test says, and remembers what it was asked. */
import { ProblemError, type Page, type State } from "@latchkey/client";
import type { Options } from "@latchkey/react";
import type { Session, User } from "../services/types";

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

export const ROOT: User = { ...ADA, id: "root", email: "root@example.com", full_name: "Root", is_superuser: true };

export const LAPTOP: Session = {
  id: "laptop",
  created_at: "2026-11-23T09:10:07Z",
  last_used_at: "2026-11-23T09:10:07Z",
  expires_at: "2026-11-30T09:10:07Z",
  ip: "203.0.113.7",
  user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  device: "Firefox on Linux",
  browser: "Firefox",
  system: "Linux",
  name: null,
  current: true,
  methods: ["pwd"],
  level: 1,
  bound: null,
};

export const PHONE: Session = {
  ...LAPTOP,
  id: "phone",
  device: "Mobile Safari on iOS",
  browser: "Mobile Safari",
  system: "iOS",
  ip: "198.51.100.9",
  current: false,
};

/** What the service offers, if a test says nothing else. */
export const OPTIONS: Options = {
  name: "Latchkey",
  registration: "open",
  confirm_email: false,
  password: { min_length: 8, max_length: 128 },
  ways: [{ kind: "password" }],
  second_factor: { set_up: true, trust_device: true },
  languages: ["en", "de"],
};

/** An answer from 400 up, as the client throws it. */
export function problem(status: number, code: string, more: Partial<ProblemError> = {}): ProblemError {
  const { detail = "It went wrong.", errors, reason, retryAfter, requestId } = more;
  return new ProblemError(status, code, detail, errors, reason, retryAfter, requestId);
}

interface Input {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
}

type Handler = (input: Input) => unknown;

class FakeApi {
  state: State = { status: "signed_out" };
  /** What was asked: "POST /api/auth/login", with what. Each page asks for the options: they are left out. */
  asked: { what: string; input: Input }[] = [];
  private handlers = new Map<string, Handler>();
  private readonly listeners = new Set<() => void>();

  readonly baseUrl = "";
  /** What was kept of one test's session isn't shown in the next. */
  private turn = 0;

  reset(): void {
    this.turn++;
    this.state = { status: "signed_out" };
    this.asked = [];
    this.handlers.clear();
    this.answer("GET /api/auth/options", OPTIONS);
    this.listeners.clear();
  }

  /** Answer `what` ("GET /api/sessions") with `handler`, or with what it is if it is no function. A thrown error rejects. */
  answer(what: string, handler: unknown): void {
    this.handlers.set(what, typeof handler === "function" ? (handler as Handler) : () => handler);
  }

  signedIn(user: User = ADA): void {
    this.become({ status: "signed_in", user, session: `session ${this.turn} of ${user.id}`, switched: false });
  }

  become(state: State): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }

  /** The inputs of every call of `what`. */
  inputs(what: string): Input[] {
    return this.asked.filter((call) => call.what === what).map((call) => call.input);
  }

  readonly getState = (): State => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly options: { onReauthenticationRequired?: (wanted: ProblemError) => Promise<boolean> } = {};

  start(): void {
    // The state is what the test says.
  }

  stop(): void {
    // Nothing runs.
  }

  async call(method: string, path: string, input: Input = {}): Promise<unknown> {
    try {
      return await this.once(method, path, input);
    } catch (error) {
      const stale = error instanceof ProblemError && error.code === "reauthentication_required";
      if (!stale || !(await this.options.onReauthenticationRequired?.(error))) throw error;
      return this.once(method, path, input);
    }
  }

  private async once(method: string, path: string, input: Input): Promise<unknown> {
    const what = `${method} ${path}`;
    if (what !== "GET /api/auth/options") this.asked.push({ what, input });
    await Promise.resolve();
    const handler = this.handlers.get(what);
    if (!handler) throw problem(404, "not_found");
    return handler(input);
  }

  /** What isn't JSON: `answer("GET /api/users.csv", new Response(…))`. */
  async fetch(input: URL): Promise<Response> {
    return (await this.call("GET", input.pathname, { query: Object.fromEntries(input.searchParams) })) as Response;
  }

  open(method: string, path: string, input?: Input): Promise<unknown> {
    return this.call(method, path, input);
  }

  async page(path: string, input?: Input): Promise<Page<unknown>> {
    const answer = await this.call("GET", path, input);
    return Array.isArray(answer) ? { items: answer, next: null, total: null } : (answer as Page<unknown>);
  }

  async login(email: string, password: string): Promise<User> {
    const user = (await this.call("POST", "/api/auth/login", { body: { email, password } })) as User;
    this.signedIn(user);
    return user;
  }

  async loginByMail(body: object): Promise<User> {
    const user = (await this.call("POST", "/api/auth/email/finish", { body })) as User;
    this.signedIn(user);
    return user;
  }

  async register(body: object): Promise<User | undefined> {
    return (await this.call("POST", "/api/auth/register", { body })) as User | undefined;
  }

  async logout({ everywhere = false } = {}): Promise<boolean> {
    await this.call("POST", everywhere ? "/api/auth/logout-all" : "/api/auth/logout");
    this.become({ status: "signed_out", reason: everywhere ? "logged_out_everywhere" : "logged_out" });
    return true;
  }

  async reauthenticate(password: string): Promise<void> {
    await this.call("POST", "/api/auth/reauthenticate", { body: { password } });
  }

  async reload(): Promise<User> {
    const user = (await this.call("GET", "/api/users/me")) as User;
    this.signedIn(user);
    return user;
  }
}

export const api = new FakeApi();
