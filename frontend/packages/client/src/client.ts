import { cookieKeeper, type Keeper } from "./keeper";
import { ProblemError } from "./problem";
import { call, page, type Answer, type Input, type Item, type Method, type Page, type Send } from "./request";
import type { components, paths } from "./schema";
import { Session, type Reason } from "./session";
import { listen } from "./stream";

export type User = components["schemas"]["UserResponse"];

/** What there is to know about the session, at one moment. Never changed in place: compare by identity. */
export type State =
  /** It isn't known yet whether somebody is signed in. `problem` is why it takes so long, if something is in the way. */
  | { status: "loading"; problem?: ProblemError | TypeError }
  | { status: "signed_in"; user: User }
  /** `reason` says why a session ended; there is none where there was no session. */
  | { status: "signed_out"; reason?: Reason };

export interface Options {
  /** Where the service is: an origin, without a slash at the end. Empty: the page's own. */
  baseUrl?: string;
  /** Where the refresh token lives: in a cookie that no script can read, or in `storageKeeper(localStorage, "…")`. */
  keeper?: Keeper;
  /** Hear at once of a session that ends elsewhere. */
  stream?: boolean;
  /** Tabs with the same name share a session. */
  name?: string;
  fetch?: typeof fetch;
}

const LOADING: State = { status: "loading" };
const RETRY = 2_000;

/** One service, one session, shared by all tabs of this browser. Call `start` once. */
export class LatchkeyClient {
  private state: State = LOADING;
  private readonly listeners = new Set<() => void>();
  private readonly session: Session;
  private readonly baseUrl: string;
  private readonly plain: Send;
  private readonly streams: boolean;
  private loading: { subject: string | null; user: Promise<User> } | null = null;
  private streaming: AbortController | null = null;
  private stopped: AbortController | null = null;

  constructor(options: Options = {}) {
    this.baseUrl = options.baseUrl ?? "";
    this.streams = options.stream ?? true;
    const send = options.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args));
    // Cookies also go to a service on another origin that allows this one.
    this.plain = (url, init) => send(url, { ...init, credentials: "include" });
    this.session = new Session(
      this.baseUrl,
      options.keeper ?? cookieKeeper,
      this.plain,
      { began: () => void this.load().catch(() => undefined), ended: (reason) => this.ended(reason) },
      options.name ?? "latchkey",
    );
  }

  readonly getState = (): State => this.state;

  /** Call `listener` after every change; returns how to stop. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Find out whether somebody is signed in, and keep watch. Does nothing where there is no window. */
  start(): void {
    if (typeof window === "undefined" || this.stopped) return;
    this.stopped = new AbortController();
    const { signal } = this.stopped;
    const wake = () => document.visibilityState === "visible" && this.session.wake();
    document.addEventListener("visibilitychange", wake, { signal });
    window.addEventListener("online", wake, { signal });
    window.addEventListener("focus", wake, { signal });
    void this.find();
  }

  /** Let go of timers, tabs and streams; the session stays as it is. */
  stop(): void {
    this.stopped?.abort();
    this.streaming?.abort();
    this.session.close();
  }

  /** Make a call with the access token; see `call` for what it rejects with. */
  call<P extends keyof paths, M extends Method>(method: M, path: P, input?: Input<P, M>): Promise<Answer<P, M>> {
    return call(this.session.send, this.baseUrl, method, path, input);
  }

  /** Read one page of a list; go on with its `next` as `query.after`. */
  page<P extends keyof paths>(path: P, input: Input<P, "GET"> = {}): Promise<Page<Item<P>>> {
    return page(this.session.send, this.baseUrl, path, input);
  }

  /** Make a call that needs no access token. */
  open<P extends keyof paths, M extends Method>(method: M, path: P, input?: Input<P, M>): Promise<Answer<P, M>> {
    return call(this.plain, this.baseUrl, method, path, input);
  }

  /** Log in. Rejects with `invalid_grant`, `inactive_user`, `email_not_verified`, `rate_limited`. */
  async login(email: string, password: string): Promise<User> {
    const body = { email, password };
    const headers = this.session.headers;
    const tokens = await call(this.plain, this.baseUrl, "POST", "/api/auth/login", { body }, headers);
    this.session.begin(tokens);
    return this.load();
  }

  /** Register; that doesn't log in. Undefined where the service wants the address confirmed first. */
  async register(input: { email: string; password: string; full_name?: string | null }): Promise<User | undefined> {
    const answer = await this.open("POST", "/api/auth/register", { body: input });
    return "id" in answer ? answer : undefined;
  }

  /** End this session, here and in every tab. Rejects, and changes nothing, when the service can't be reached. */
  async logout(): Promise<void> {
    await this.leave("/api/auth/logout", this.session.credentials.body);
  }

  /** End every session of the user. */
  async logoutAll(): Promise<void> {
    await this.leave("/api/auth/logout-all");
  }

  /** Give the password again: for a while the session counts as fresh. */
  async reauthenticate(password: string): Promise<void> {
    await this.call("POST", "/api/auth/reauthenticate", { body: { password } });
  }

  /** Read the user anew, after a change. */
  reload(): Promise<User> {
    return this.load();
  }

  private async leave(path: "/api/auth/logout" | "/api/auth/logout-all", body?: object): Promise<void> {
    const input = (body ? { body } : {}) as Input<typeof path, "POST">;
    await call(this.session.send, this.baseUrl, "POST", path, input, this.session.headers);
    this.session.end("logged_out");
  }

  private async find(): Promise<void> {
    while (this.state.status === "loading" && !this.stopped?.signal.aborted) {
      try {
        if (!this.session.subject) await this.session.renew();
        if (this.session.subject) await this.load();
        return;
      } catch (error) {
        this.set({ status: "loading", problem: error as ProblemError | TypeError });
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
  }

  /** Read who is signed in: once for all who ask at once, but not for somebody else's token. */
  private load(): Promise<User> {
    const { subject } = this.session;
    if (this.loading?.subject === subject) return this.loading.user;
    const user = this.call("GET", "/api/users/me")
      .then((found) => {
        this.set({ status: "signed_in", user: found });
        this.listen();
        return found;
      })
      .finally(() => {
        if (this.loading?.user === user) this.loading = null;
      });
    this.loading = { subject, user };
    return user;
  }

  private ended(reason: Reason | null): void {
    this.streaming?.abort();
    this.streaming = null;
    if (this.state.status !== "signed_out") {
      this.set(reason === null ? { status: "signed_out" } : { status: "signed_out", reason });
    }
  }

  private listen(): void {
    if (!this.streams || this.streaming || typeof window === "undefined") return;
    const control = (this.streaming = new AbortController());
    // One tab listens for all; the next takes over when it closes.
    void this.session.tabs
      .alone(
        "stream",
        () => listen(this.session.send, `${this.baseUrl}/api/sessions/stream`, control.signal),
        control.signal,
      )
      .then((reason) => reason !== null && this.session.end(reason))
      .catch(() => undefined); // told to stop while waiting for its turn
  }

  private set(state: State): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

/** Make a client, and start it. */
export function createClient(options?: Options): LatchkeyClient {
  const client = new LatchkeyClient(options);
  client.start();
  return client;
}
