import { cookieKeeper } from "./keeper.js";
import type { Options } from "./options.js";
import { pause } from "./pause.js";
import { isOverAlready, ProblemError, report, type Reason } from "./problem.js";
import { call, networked, page } from "./request.js";
import type { Answer, Item, Last, Loose, Method, Page, Raw, Send } from "./request.js";
import type { components, paths } from "./schema.js";
import { Session } from "./session.js";
import { LOADING, type State, type User } from "./state.js";
import { listen } from "./stream.js";
import { bearing } from "./token.js";

const RETRY = 2_000;
const LONGEST_RETRY = 30_000;
/** Where the service wants the password for each call, another call may have used it up. */
const MOST_QUESTIONS = 3;

type Door = `/api/auth/${"login" | "email/finish" | "second-factor" | "second-factor/enrol/confirm"}`;

/** What a log-in goes on with. */
export type SecondFactor = components["schemas"]["SecondFactorRequest"] | components["schemas"]["EnrolConfirmRequest"];

/** One service, one session, shared by all tabs of this browser. Call `start` once. */
export class LatchkeyClient {
  private state: State = LOADING;
  private readonly listeners = new Set<() => void>();
  private readonly session: Session;
  /** Where the service is; empty: the page's own origin. */
  readonly baseUrl: string;
  private readonly plain: Send;
  private readonly raw: Raw;
  private asking: Promise<boolean> | undefined;
  private loading: { era: number; user: Promise<User> } | null = null;
  private streaming: { era: number; control: AbortController } | null = null;
  private running: AbortController | null = null;
  private settling: ReturnType<typeof setTimeout> | undefined;

  constructor(
    /** What it was made with. The question of `onReauthenticationRequired` may be given later. */
    readonly options: Options = {},
  ) {
    this.baseUrl = options.baseUrl ?? "";
    this.raw = networked(options.fetch);
    // Cookies also go to a service on another origin that allows this one.
    this.plain = (url, init) => this.raw(url, { ...init, credentials: "include" });
    this.session = new Session(
      this.baseUrl,
      options.keeper ?? cookieKeeper,
      this.plain,
      { began: (user) => void this.arrive(user), ended: (reason) => this.ended(reason) },
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
    const wake = () => {
      if (document.visibilityState !== "visible") return;
      this.session.wake();
      if (this.session.leaving) void this.settle();
    };
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
    clearTimeout(this.settling);
    this.hangUp();
    this.session.close();
  }

  /** Make a call with the access token; see `call` for what it rejects with. */
  async call<P extends keyof paths, M extends Method>(
    method: M,
    path: P,
    ...[input]: Last<P, M>
  ): Promise<Answer<P, M>> {
    for (let asked = 0; ; asked++) {
      try {
        return await call(this.session.send, this.baseUrl, method, path, input as Loose);
      } catch (error) {
        const stale = error instanceof ProblemError && error.code === "reauthentication_required";
        if (!stale || asked === MOST_QUESTIONS || !(await this.reauthenticated(error))) throw error;
      }
    }
  }

  /** Read one page of a list; go on with its `next` as `query.after`. */
  page<P extends keyof paths>(path: P, ...[input]: Last<P, "GET">): Promise<Page<Item<P>>> {
    return page(this.session.send, this.baseUrl, path, input as Loose);
  }

  /** Make a call that needs no access token. */
  open<P extends keyof paths, M extends Method>(method: M, path: P, ...[input]: Last<P, M>): Promise<Answer<P, M>> {
    return call(this.plain, this.baseUrl, method, path, input as Loose);
  }

  /**
   * `fetch` with the access token, for an API of one's own: renewed ahead of time, and asked once more after a 401.
   *
   * Rejects for an origin that may not have the token (see `origins`), and with a `NetworkError` when no answer came; how
   * long that may take is the caller's to say, with a signal.
   */
  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const { origin } = new URL(request.url);
    const own = typeof window !== "undefined" && origin === window.location.origin;
    if (!own && ![this.baseUrl, ...(this.options.origins ?? [])].some((url) => url && origin === new URL(url).origin)) {
      throw new Error(`${origin} is not in origins`);
    }
    return this.session.authorized((token) => this.raw(request.clone(), bearing(request, token)));
  };

  /** The access token, for what isn't `fetch`; null where nobody is signed in. `fresh`: a new one, not one that is good. */
  getAccessToken({ fresh = false }: { fresh?: boolean } = {}): Promise<string | null> {
    return this.session.access(fresh);
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

  /**
   * Go on with a log-in that was refused with `second_factor_required`: its `more.challenge`, with a code of the app or a
   * recovery code; or, with `enrolment_required`, with what sets the app up. Rejects with `invalid_code`, and with `invalid_challenge` when it is over.
   */
  loginBySecondFactor(shown: SecondFactor): Promise<User> {
    return this.enter(`/api/auth/second-factor${"enrolment" in shown ? "/enrol/confirm" : ""}`, shown);
  }

  /** Register; that doesn't log in. Undefined where the service wants the address confirmed first. */
  async register(input: { email: string; password: string; full_name?: string | null }): Promise<User | undefined> {
    const answer = await this.open("POST", "/api/auth/register", { body: input });
    return "id" in answer ? answer : undefined;
  }

  /**
   * End this session, here and in every tab, at once; the service hears of it now, or when it can be reached again.
   *
   * Resolves with whether it has heard. `everywhere` ends all of the user's sessions: that rejects, and changes nothing,
   * when the service can't be reached.
   */
  async logout({ everywhere = false }: { everywhere?: boolean } = {}): Promise<boolean> {
    const { session } = this;
    if (!everywhere) {
      session.leave();
      return this.settle();
    }
    const { send, headers } = session;
    await call(send, this.baseUrl, "POST", "/api/auth/logout-all", {}, headers).catch(isOverAlready);
    session.end("logged_out_everywhere");
    return true;
  }

  /** Give the password again: for a while the session counts as fresh. */
  async reauthenticate(password: string): Promise<void> {
    await this.call("POST", "/api/auth/reauthenticate", { body: { password } });
  }

  /** Read the user anew, after a change. */
  reload(): Promise<User> {
    return this.read();
  }

  private async enter(path: Door, body: object): Promise<User> {
    await this.session.alone(async () => {
      this.session.begin(await call(this.plain, this.baseUrl, "POST", path, { body }, this.session.headers));
    });
    return this.load();
  }

  /** Tell the service of a log-out; again and again until it has heard. Resolves after the first try, with whether it did. */
  private async settle(wait = RETRY): Promise<boolean> {
    try {
      await this.session.settle();
    } catch (error) {
      report(error);
    }
    const pending = this.session.leaving;
    if (this.state.status === "signed_out" && pending !== (this.state.pending ?? false)) {
      this.set({ ...this.state, pending });
    }
    clearTimeout(this.settling);
    if (pending && this.running) {
      this.settling = setTimeout(() => void this.settle(wait * 2), Math.min(wait, LONGEST_RETRY));
    }
    return !pending;
  }

  private reauthenticated(wanted: ProblemError): Promise<boolean> | undefined {
    return (this.asking ??= this.options.onReauthenticationRequired?.(wanted).finally(() => (this.asking = undefined)));
  }

  private async find(signal: AbortSignal): Promise<void> {
    // The cookie is still there, but whoever it is of has logged out.
    if (this.session.leaving) {
      this.set({ status: "signed_out", reason: "logged_out" });
      await this.settle();
      return;
    }
    for (let wait = RETRY; !signal.aborted && !this.session.token && this.state.status === "loading"; wait *= 2) {
      try {
        await this.session.renew();
      } catch (error) {
        await this.wait(error as Error, wait, signal);
      }
    }
  }

  /** Read who has signed in, unless it was told. A session goes on when that fails, so it is tried until it is over. */
  private async arrive(user?: User): Promise<void> {
    if (user) {
      this.know(user);
      return;
    }
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
    report(problem);
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
        if (this.session.era === era && this.loading?.user === user) this.know(found);
        return found;
      })
      .finally(() => {
        if (this.loading?.user === user) this.loading = null;
      });
    this.loading = { era, user };
    return user;
  }

  private know(user: User): void {
    const { token, switched } = this.session;
    this.set({ status: "signed_in", user, session: token?.session ?? null, switched });
    this.listen();
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
    if (this.options.stream === false || !this.running || !this.session.token || this.streaming?.era === era) return;
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
