/** Who is here: the session and its user, as a state that one can follow. */
import { browser } from "./host.js";
import { cookieKeeper, type Keeper } from "./keeper.js";
import { nameOf } from "./names.js";
import type { Options } from "./options.js";
import { report, type Reason } from "./problem.js";
import { call, networked, type Raw, type Send } from "./request.js";
import { Session } from "./session.js";
import { LOADING, type State, type User } from "./state.js";
import { pause } from "./within.js";

const RETRY = 2_000;
const LONGEST_RETRY = 30_000;

/** One service, one session, and whoever's it is. */
export class Presence {
  /** Where the service is; empty: the page's own origin. */
  readonly baseUrl: string;
  /** Sends requests that need no access token. */
  protected readonly plain: Send;
  protected readonly raw: Raw;
  protected readonly session: Session;
  readonly #keeper: Keeper;
  #state: State = LOADING;
  readonly #listeners = new Set<() => void>();
  #loading: Promise<User> | null = null; // who this session's user is
  #fleeting = -1; // the era of the session that this browser doesn't keep
  #streaming: AbortController | null = null;
  #running: AbortController | null = null;
  #settling: ReturnType<typeof setTimeout> | undefined;

  /** What it was made with. The question of `onReauthenticationRequired` may be given later. */
  readonly options: Options;

  constructor(options: Options = {}) {
    this.options = options = options.proof?.(options) ?? options;
    this.baseUrl = (options.baseUrl ?? "").replace(/\/+$/, "");
    this.raw = networked(options.fetch);
    // Cookies also go to a service on another origin that allows this one.
    this.plain = (path, init) => this.raw(this.baseUrl + path, { ...init, credentials: "include" });
    this.#keeper = options.keeper ?? cookieKeeper;
    this.session = new Session(
      this.#keeper,
      this.plain,
      { began: (user) => this.#began(user), ended: (reason) => this.#ended(reason) },
      nameOf(options.name, this.baseUrl),
    );
  }

  readonly getState = (): State => this.#state;

  /** Call `listener` after every change; returns how to stop. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Find out who is there, and keep watch. Does nothing where there is no page, nor anything else that was named. */
  start(): void {
    const host = this.options.host ?? (typeof document !== "undefined" && browser);
    if (!host || this.#running) return;
    this.#running = new AbortController();
    const { signal } = this.#running;
    host.watch((missed) => {
      if (missed) void this.session.renew().catch(report);
      this.session.wake();
      if (this.session.leaving) void this.settle();
    }, signal);
    this.session.open(host);
    void this.#find(signal);
    this.#listen();
  }

  /** Let go of timers, tabs and streams; the session goes on, and `start` takes it up again. */
  stop(): void {
    this.#running?.abort();
    this.#running = null;
    clearTimeout(this.#settling);
    this.#hangUp();
    this.session.close();
  }

  /** Tell the service of a log-out; again and again until it has heard. Resolves after the first try, with whether it did. */
  protected async settle(wait = RETRY): Promise<boolean> {
    const { session } = this;
    await session.settle().catch(report);
    const pending = session.leaving;
    if (this.#state.status === "signed_out" && pending !== (this.#state.pending ?? false)) {
      this.#set({ ...this.#state, pending });
    }
    clearTimeout(this.#settling);
    if (pending && this.#running) {
      this.#settling = setTimeout(() => void this.settle(wait * 2), Math.min(wait, LONGEST_RETRY));
    }
    return !pending;
  }

  /** Read who is signed in: once for all who ask at once, but not for another session. */
  protected load(): Promise<User> {
    return this.#loading ?? this.reload();
  }

  /** Read the user anew, after a change. */
  reload(): Promise<User> {
    const user = call(this.session.send, "GET", "/api/users/me")
      .then((found) => {
        // It may be over by now, or somebody else's, or there is a newer answer to come.
        if (this.#loading === user) this.#know(found);
        return found;
      })
      .finally(() => {
        if (this.#loading === user) this.#loading = null;
      });
    this.#loading = user;
    return user;
  }

  /** See whether this browser keeps the session that has just begun. */
  protected async look(): Promise<void> {
    const { era } = this.session;
    if ((await this.#keeper.kept?.(this.plain)) !== false || era !== this.session.era) return;
    this.#fleeting = era;
    if (this.#state.status === "signed_in") this.#set({ ...this.#state, fleeting: true });
  }

  /** Read who has signed in, unless it was told. A session goes on when that fails, so it is tried until it is over. */
  #began(user?: User): void {
    const { era } = this.session;
    this.#forget();
    if (user) this.#know(user);
    else
      void this.#insist(
        () => this.load(),
        () => this.session.era !== era,
      );
  }

  #ended(reason: Reason | null): void {
    this.#forget();
    if (this.#state.status !== "signed_out") {
      this.#set({ status: "signed_out", ...(reason !== null && { reason }) });
    }
  }

  async #find(signal: AbortSignal): Promise<void> {
    // The cookie is still there, but whoever it is of has logged out.
    if (this.session.leaving) {
      this.#set({ status: "signed_out", reason: "logged_out" });
      await this.settle();
      return;
    }
    await this.#insist(
      () => this.session.renew(),
      () => signal.aborted || this.session.token !== null || this.#state.status !== "loading",
    );
  }

  /** Do `task`; again and again, where it fails, until there is no need for it any more. */
  async #insist(task: () => Promise<unknown>, needless: () => boolean): Promise<void> {
    for (let wait = RETRY; !needless(); wait *= 2) {
      try {
        await task();
        return;
      } catch (problem) {
        if (!this.#running || needless()) return;
        report(problem);
        // For developers alone. Where it can't be loaded, there is no network at all.
        import("./hint.js").then(({ hint }) => hint(problem, this.baseUrl)).catch(() => undefined);
        if (this.#state.status === "loading") this.#set({ status: "loading", problem: problem as Error });
        await pause(Math.min(wait, LONGEST_RETRY), this.#running.signal);
      }
    }
  }

  #know(user: User): void {
    const { token, switched } = this.session;
    const fleeting = this.#fleeting === this.session.era;
    this.#set({ status: "signed_in", user, session: token?.sid ?? null, switched, ...(fleeting && { fleeting }) });
    this.#listen();
  }

  /** Hear of the session's end, through one tab for all. */
  #listen(): void {
    const { session } = this;
    if (this.options.stream === false || !this.#running || !session.token || this.#streaming) return;
    this.#streaming = new AbortController();
    const { signal } = this.#streaming;
    session
      .lead(async (_, shared = false) => {
        const { listen } = await import("./stream.js");
        return listen(session.send, shared, signal);
      }, signal)
      .then((reason) => reason !== null && !signal.aborted && session.end(reason))
      .catch(() => undefined); // told to stop while waiting for its turn
  }

  /** What was asked in the session before is answered too late. */
  #forget(): void {
    this.#loading = null;
    this.#hangUp();
  }

  #hangUp(): void {
    this.#streaming?.abort();
    this.#streaming = null;
  }

  #set(state: State): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
