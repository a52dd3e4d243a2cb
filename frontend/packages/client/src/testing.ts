/**
 * For tests of components: a client with a signed-in user and no service. What it is asked is answered from a table.
 *
 * Errors, types and what becomes of the state are the real client's; nothing goes over a network, and no timer runs.
 */
import { LatchkeyClient } from "./client.js";
import type { Options } from "./options.js";
import { NetworkError, ProblemError, type Code, type Reason } from "./problem.js";
import { call, page, type Answer, type Item, type Last, type Loose, type Method, type Page } from "./request.js";
import type { components, paths } from "./schema.js";
import type { State, User } from "./state.js";

/** Something that was asked. */
export interface Asked {
  /** As in the table: "PATCH /api/users/me", or "GET https://api.example.com/notes". */
  what: string;
  path: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
}

/** An answer: what it says, or a function that says it. A `Response` is taken as it is. */
export type Given<T> = T | Response | ((asked: Asked) => T | Response | Promise<T | Response>);

type Documented = {
  [P in keyof paths]: {
    [M in Method]: paths[P] extends Record<Lowercase<M>, object> ? `${M} ${P}` : never;
  }[Method];
}[keyof paths];

type Said<What> = What extends `${infer M extends Method} ${infer P extends keyof paths}` ? Answer<P, M> : never;

/** What is answered, by what is asked; of one's own API by its whole address, without a query. */
export type Answers = { [What in Documented]?: Given<Said<What>> | undefined } & Record<
  `${Method} http${string}`,
  Given<object | string | number | boolean | null | undefined>
>;

export interface TestOptions extends Pick<Options, "onReauthenticationRequired"> {
  /** Who is signed in: Ada, with these members changed; null for nobody. */
  user?: Partial<User> | null;
  answers?: Answers;
}

/** Whoever is signed in, if nobody else is named. */
export const ada: User = {
  id: "2ec25cb3-8b3a-4a0f-81e2-807d88b2487f",
  email: "ada@example.com",
  full_name: "Ada Lovelace",
  is_active: true,
  is_superuser: false,
  email_verified: true,
  factors: [],
  created_at: "2026-01-05T09:00:00Z",
  updated_at: null,
};

const SESSION: components["schemas"]["SessionResponse"] = {
  id: "47effbeb-8aeb-4a17-978c-5484e8c4ec6f",
  created_at: "2026-01-05T09:00:00Z",
  last_used_at: "2026-01-05T09:00:00Z",
  expires_at: "2026-01-12T09:00:00Z",
  ip: "127.0.0.1",
  user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
  device: "Firefox on Linux",
  browser: "Firefox",
  system: "Linux",
  name: null,
  current: true,
  methods: ["pwd"],
  level: 1,
  bound: null,
};

/** In a table: the service refuses it. `members` are those of the problem, such as `errors`. */
export function problem(status: number, code: Code, members: Readonly<Record<string, unknown>> = {}): () => Response {
  const body = JSON.stringify({ type: "about:blank", title: code, status, code, detail: code, ...members });
  const headers = { "Content-Type": "application/problem+json" };
  return () => new Response(body, { status, headers });
}

/** In a table: no answer comes. */
export function noNetwork(): never {
  throw new NetworkError(false);
}

/** In a table: the answer is still to come, for ever. */
export function pending(): Promise<never> {
  return new Promise(() => undefined);
}

/** A client whose state one sets, and that is answered from a table. */
export class TestClient extends LatchkeyClient {
  /** All that was asked, in the order of asking. */
  readonly asked: Asked[] = [];
  // Not `private`: whatever the real client comes to call its own is no concern of these.
  #now: State;
  readonly #hearing = new Set<() => void>();
  readonly #table: Record<string, unknown>;

  constructor({ user = {}, answers = {}, onReauthenticationRequired }: TestOptions = {}) {
    super({
      stream: false,
      fetch: () => Promise.reject(new Error("A test client asks no service")),
      ...(onReauthenticationRequired && { onReauthenticationRequired }),
    });
    this.#now = user ? signedIn(user) : { status: "signed_out" };
    this.#table = { ...answers };
  }

  override readonly getState = (): State => this.#now;

  override readonly subscribe = (listener: () => void): (() => void) => {
    this.#hearing.add(listener);
    return () => this.#hearing.delete(listener);
  };

  /** Make this the state. Around a component, within React's `act`. */
  become(state: State): void {
    this.#now = state;
    for (const listener of this.#hearing) listener();
  }

  /** Let Ada, with these members changed, be signed in. */
  signIn(user: Partial<User> = {}): void {
    this.become(signedIn(user));
  }

  /** Let nobody be signed in; `reason` is why a session ended, if one did. */
  signOut(reason?: Reason): void {
    this.become(reason === undefined ? { status: "signed_out" } : { status: "signed_out", reason });
  }

  /** Answer otherwise from now on; what isn't named stays as it is. */
  answer(answers: Answers): void {
    Object.assign(this.#table, answers);
  }

  /** What was asked with these words, in the order of asking. */
  askedFor(what: string): Asked[] {
    return this.asked.filter((asked) => asked.what === what);
  }

  override start(): void {
    // There is nothing to find out.
  }

  override stop(): void {
    // Nothing runs.
  }

  override async call<P extends keyof paths, M extends Method>(
    method: M,
    path: P,
    ...[input]: Last<P, M>
  ): Promise<Answer<P, M>> {
    try {
      return await this.#exchange(method, path, input as Loose);
    } catch (error) {
      const stale = error instanceof ProblemError && error.code === "reauthentication_required";
      if (!stale || !(await this.options.onReauthenticationRequired?.(error))) throw error;
      return this.#exchange(method, path, input as Loose);
    }
  }

  override open<P extends keyof paths, M extends Method>(
    method: M,
    path: P,
    ...[input]: Last<P, M>
  ): Promise<Answer<P, M>> {
    return this.#exchange(method, path, input as Loose);
  }

  override page<P extends keyof paths>(path: P, ...[input]: Last<P, "GET">): Promise<Page<Item<P>>> {
    const given = input as Loose;
    return page(() => this.#answered(`GET ${path}`, given), path, given);
  }

  /** Any address may be asked that the table has; `origins` is not looked at. */
  override readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const text = await request.text();
    return this.#answered(`${request.method} ${url.origin}${url.pathname}`, {
      query: Object.fromEntries(url.searchParams),
      body: text === "" ? undefined : text,
    });
  };

  override getAccessToken({ fresh = false }: { fresh?: boolean } = {}): Promise<string | null> {
    const token = fresh ? "fresh-test-token" : "test-token";
    return Promise.resolve(this.#now.status === "signed_in" ? token : null);
  }

  override async enter(...[door, body, told, path]: Parameters<LatchkeyClient["enter"]>): Promise<User> {
    const answer = await this.#answered(`POST ${door}`, { body, ...(path && { path }) }, true);
    const said = (await answer.text()) || "{}";
    told?.(JSON.parse(said) as components["schemas"]["EnrolledInCookieResponse"]);
    return this.#enter("email" in body ? { email: String(body.email) } : {});
  }

  override async logout({ everywhere = false }: { everywhere?: boolean } = {}): Promise<boolean> {
    if (everywhere) await this.#answered("POST /api/auth/logout-all", {}, true);
    this.signOut(everywhere ? "logged_out_everywhere" : "logged_out");
    return true;
  }

  override async reload(): Promise<User> {
    const user = await this.call("GET", "/api/users/me");
    if (this.#now.status === "signed_in") this.become({ ...this.#now, user });
    return user;
  }

  #enter(user: Partial<User>): User {
    const state = signedIn(user);
    this.become(state);
    return state.user;
  }

  #exchange<P extends keyof paths, M extends Method>(method: M, path: P, input: Loose | undefined) {
    return call(() => this.#answered(`${method} ${path}`, input), method, path, input);
  }

  /** What the table says, or else what a service would. Rejects where neither knows, and with a problem if `insist`. */
  async #answered(what: string, input: Loose = {}, insist = false): Promise<Response> {
    const { path = {}, query = {}, body } = input;
    const asked: Asked = { what, path, query, body };
    this.asked.push(asked);
    let given = Object.hasOwn(this.#table, what) ? this.#table[what] : this.#usual(what, body);
    if (typeof given === "function") given = await (given as (asked: Asked) => unknown)(asked);
    const response = given instanceof Response ? given.clone() : answering(given);
    if (insist && !response.ok) await call(() => Promise.resolve(response), "GET", "/api/health");
    return response;
  }

  #usual(what: string, body: unknown): unknown {
    switch (what) {
      case "GET /api/users/me":
        return this.#now.status === "signed_in" ? this.#now.user : problem(401, "not_authenticated");
      case "GET /api/auth/email":
        return { code: false, link: false, registers: false };
      case "GET /api/auth/options":
        return OFFER;
      case "GET /api/users/me/identities":
        return [];
      case "GET /api/sessions":
        return [SESSION];
      case "POST /api/auth/register":
        return { ...ada, email_verified: false, ...(body as object), password: undefined };
      case "POST /api/auth/login":
      case "POST /api/auth/email/finish":
      case "POST /api/auth/passkeys":
      case "POST /api/auth/providers/{provider}/finish":
      case "POST /api/auth/providers/link":
      case "POST /api/auth/second-factor":
      case "POST /api/auth/second-factor/enrol/confirm":
      case "POST /api/auth/logout-all":
      case "POST /api/auth/reauthenticate":
        return undefined;
      default:
        throw new Error(`A test client has no answer to "${what}": give it one in \`answers\``);
    }
  }
}

/** Make a client for a test: with Ada signed in, if nothing else is said. */
export function createTestClient(options?: TestOptions): TestClient {
  return new TestClient(options);
}

const OFFER: components["schemas"]["OptionsResponse"] = {
  name: "Latchkey",
  registration: "open",
  confirm_email: false,
  password: { min_length: 8, max_length: 256 },
  ways: [{ kind: "password" }],
  second_factor: { set_up: true, trust_device: true },
  languages: ["en", "de"],
};

function signedIn(user: Partial<User>): Extract<State, { status: "signed_in" }> {
  return { status: "signed_in", user: { ...ada, ...user }, session: SESSION.id, switched: false };
}

function answering(given: unknown): Response {
  return given === undefined ? new Response(null, { status: 204 }) : new Response(JSON.stringify(given));
}
