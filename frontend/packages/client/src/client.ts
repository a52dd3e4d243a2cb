import { cookieKeeper, type Keeper } from "./keeper.js";
import { pause } from "./pause.js";
import { ProblemError } from "./problem.js";
import type { EndReason } from "./reasons.js";
import { call, page, type Answer, type Input, type Item, type Method, type Page, type Send } from "./request.js";
import type { components, paths } from "./schema.js";
import { Session, type Reason } from "./session.js";
import { listen } from "./stream.js";

export type User = components["schemas"]["UserResponse"];

/** What there is to know about the session, at one moment. Never changed in place: compare by identity. */
export type State =
  /** It isn't known yet whether somebody is signed in. `problem` is why it takes so long, if something is in the way. */
  | { status: "loading"; problem?: Error }
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
  /**
   * Called when a call needs the password given again (403 `reauthentication_required`): ask for it, call
   * `reauthenticate`, and resolve with true to have the call made once more. Calls that run at once ask once.
   */
  onReauthenticationRequired?: () => Promise<boolean>;
  fetch?: typeof fetch;
}

const LOADING: State = { status: "loading" };
const RETRY = 2_000;
const LONGEST_RETRY = 30_000;
/** Where the service wants the password for each call, another call may have used it up. */
const MOST_QUESTIONS = 3;

/** One service, one session, shared by all tabs of this browser. Call `start` once. */
export class LatchkeyClient {
  private state: State = LOADING;
  private readonly listeners = new Set<() => void>();
  private readonly session: Session;
  private readonly baseUrl: string;
  private readonly plain: Send;
  private readonly streams: boolean;
  private readonly prompt: (() => Promise<boolean>) | undefined;
  private asking: Promise<boolean> | null = null;
  private loading: { era: number; user: Promise<User> } | null = null;
  private streaming: { era: number; control: AbortController } | null = null;
  private running: AbortController | null = null;

  constructor(options: Options = {}) {
    this.baseUrl = options.baseUrl ?? "";
    this.streams = options.stream ?? true;
    this.prompt = options.onReauthenticationRequired;
    const send = options.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args));
    // Cookies also go to a service on another origin that allows this one.
    this.plain = (url, init) => send(url, { ...init, credentials: "include" });
    this.session = new Session(
      this.baseUrl,
      options.keeper ?? cookieKeeper,
      this.plain,
      { began: () => void this.arrive(), ended: (reason) => this.ended(reason) },
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
    if (typeof window === "undefined" || this.running) return;
    this.running = new AbortController();
    const { signal } = this.running;
    const wake = () => document.visibilityState === "visible" && this.session.wake();
    document.addEventListener("visibilitychange", wake, { signal });
    window.addEventListener("online", wake, { signal });
    window.addEventListener("focus", wake, { signal });
    this.session.open();
    void this.find(signal);
    this.listen();
  }

  /** Let go of timers, tabs and streams; the session goes on, and `start` takes it up again. */
  stop(): void {
    this.running?.abort();
    this.running = null;
    this.hangUp();
    this.session.close();
  }

  /** Make a call with the access token; see `call` for what it rejects with. */
  async call<P extends keyof paths, M extends Method>(method: M, path: P, input?: Input<P, M>): Promise<Answer<P, M>> {
    for (let asked = 0; ; asked++) {
      try {
        return await call(this.session.send, this.baseUrl, method, path, input);
      } catch (error) {
        const stale = error instanceof ProblemError && error.code === "reauthentication_required";
        if (!stale || asked === MOST_QUESTIONS || !(await this.reauthenticated())) throw error;
      }
    }
  }

  /** Read one page of a list; go on with its `next` as `query.after`. */
  page<P extends keyof paths>(path: P, input: Input<P, "GET"> = {}): Promise<Page<Item<P>>> {
    return page(this.session.send, this.baseUrl, path, input);
  }

  /** Make a call that needs no access token. */
  open<P extends keyof paths, M extends Method>(method: M, path: P, input?: Input<P, M>): Promise<Answer<P, M>> {
    return call(this.plain, this.baseUrl, method, path, input);
  }

  /** Log in. Rejects with `invalid_grant`, `inactive_user`, `rate_limited`. */
  login(email: string, password: string): Promise<User> {
    return this.enter("/api/auth/login", { email, password });
  }

  /**
   * Log in with a letter's code, in the browser that asked for it and has the `challenge`, or with the token of its link.
   * Rejects with `invalid_code`, and with `invalid_challenge` when it is over: then another letter has to be asked for.
   */
  loginByMail(shown: { challenge: string; code: string } | { token: string }): Promise<User> {
    return this.enter("/api/auth/email/finish", shown);
  }

  /** Register; that doesn't log in. Undefined where the service wants the address confirmed first. */
  async register(input: { email: string; password: string; full_name?: string | null }): Promise<User | undefined> {
    const answer = await this.open("POST", "/api/auth/register", { body: input });
    return "id" in answer ? answer : undefined;
  }

  /** End this session, here and in every tab. Rejects, and changes nothing, when the service can't be reached. */
  async logout(): Promise<void> {
    await this.session.alone(() =>
      this.leave("/api/auth/logout", "logged_out", this.session.signed, this.session.credentials),
    );
  }

  /** End every session of the user. */
  async logoutAll(): Promise<void> {
    await this.leave("/api/auth/logout-all", "logged_out_everywhere", this.session.send);
  }

  /** Give the password again: for a while the session counts as fresh. */
  async reauthenticate(password: string): Promise<void> {
    await this.call("POST", "/api/auth/reauthenticate", { body: { password } });
  }

  /** Read the user anew, after a change. */
  reload(): Promise<User> {
    return this.read();
  }

  private async enter(path: "/api/auth/login" | "/api/auth/email/finish", body: object): Promise<User> {
    const input = { body } as Input<typeof path, "POST">;
    await this.session.alone(async () => {
      this.session.begin(await call(this.plain, this.baseUrl, "POST", path, input, this.session.headers));
    });
    return this.load();
  }

  private async leave(
    path: "/api/auth/logout" | "/api/auth/logout-all",
    reason: EndReason,
    send: Send,
    body?: object,
  ): Promise<void> {
    const input = (body ? { body } : {}) as Input<typeof path, "POST">;
    try {
      await call(send, this.baseUrl, "POST", path, input, this.session.headers);
    } catch (error) {
      // No credential that is good: there is nothing to end any more.
      if (!(error instanceof ProblemError && error.status === 401)) throw error;
    }
    this.session.end(reason);
  }

  private reauthenticated(): Promise<boolean> {
    if (!this.prompt) return Promise.resolve(false);
    this.asking ??= this.prompt().finally(() => (this.asking = null));
    return this.asking;
  }

  private async find(signal: AbortSignal): Promise<void> {
    for (let wait = RETRY; !signal.aborted && !this.session.exists && this.state.status === "loading"; wait *= 2) {
      try {
        await this.session.renew();
      } catch (error) {
        await this.wait(error as Error, wait, signal);
      }
    }
  }

  /** Read who has signed in. A session goes on when that fails, so it is tried until it is over. */
  private async arrive(): Promise<void> {
    const { era } = this.session;
    for (let wait = RETRY; this.session.era === era; wait *= 2) {
      try {
        await this.load();
        return;
      } catch (error) {
        if (!this.running || this.session.era !== era) return;
        await this.wait(error as Error, wait, this.running.signal);
      }
    }
  }

  private wait(problem: Error, wait: number, signal: AbortSignal): Promise<void> {
    if (this.state.status === "loading") this.set({ status: "loading", problem });
    return pause(Math.min(wait, LONGEST_RETRY), signal);
  }

  /** Read who is signed in: once for all who ask at once, but not for another session. */
  private load(): Promise<User> {
    return this.loading?.era === this.session.era ? this.loading.user : this.read();
  }

  private read(): Promise<User> {
    const { era } = this.session;
    const user = this.call("GET", "/api/users/me")
      .then((found) => {
        // It may be over by now, or somebody else's, or there is a newer answer to come.
        if (this.session.era === era && this.loading?.user === user) {
          this.set({ status: "signed_in", user: found });
          this.listen();
        }
        return found;
      })
      .finally(() => {
        if (this.loading?.user === user) this.loading = null;
      });
    this.loading = { era, user };
    return user;
  }

  private ended(reason: Reason | null): void {
    this.hangUp();
    if (this.state.status !== "signed_out") {
      this.set(reason === null ? { status: "signed_out" } : { status: "signed_out", reason });
    }
  }

  /** Hear of the session's end, through one tab for all. */
  private listen(): void {
    const { era } = this.session;
    if (!this.streams || !this.running || !this.session.exists || this.streaming?.era === era) return;
    this.hangUp();
    const control = new AbortController();
    this.streaming = { era, control };
    const { signal } = control;
    this.session
      .lead(() => listen(this.session.send, `${this.baseUrl}/api/sessions/stream`, signal), signal)
      .then((reason) => reason !== null && this.session.era === era && this.session.end(reason))
      .catch(() => undefined); // told to stop while waiting for its turn
  }

  private hangUp(): void {
    this.streaming?.control.abort();
    this.streaming = null;
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
