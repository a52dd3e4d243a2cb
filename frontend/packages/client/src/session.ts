/**
 * The session: one access token in memory, renewed before it runs out, shared by all tabs.
 *
 * It ends only when the service says so: a network that fails, a service that is away or too busy end nothing.
 */
import type { Keeper } from "./keeper.js";
import { Leaving } from "./leaving.js";
import { pause } from "./pause.js";
import { isOverAlready, isPassing, ProblemError, type Reason } from "./problem.js";
import { call, type Loose, type Send } from "./request.js";
import type { SessionEvents, User } from "./state.js";
import { noTabs, openTabs, type Message, type Tabs } from "./tabs.js";
import { bearing, ofOneSession, tokenOf, type Token, type TokenAnswer } from "./token.js";

const TRIES = 4;
const ANSWER_WITHIN = 10_000; // a connection may die without a word
const PATIENCE = 15_000; // longer than one try: whoever holds the lock for longer is asleep
const LONGEST_WAIT = 10_000;
const LAST_MOMENT = 500; // a token this close to its end isn't sent any more: it would be late
const SOON = 30_000;
const LONGEST_TIMER = 2 ** 31 - 1;
const NEWS_WITHIN = 100; // locks and messages take different ways through a browser

export class Session {
  /** The access token, good or not; null where nobody is signed in, as far as this tab knows. */
  token: Token | null = null;
  /** Counts sessions, and the times without one: what was asked in another era is answered too late. */
  era = 0;
  private last: string | null = null; // the session that ended last
  private renewing: Promise<void> | null = null;
  private renewAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private tabs: Tabs = noTabs;
  private live = false;
  private owner: string | null = null; // whose the session is, or was last
  private left: { token: Token | null; body: object } | null = null; // a log-out that the service is still to hear of
  private readonly leavings: Leaving;
  switched = false; // whether it is somebody else's than the one before, without this tab's doing

  constructor(
    private readonly baseUrl: string,
    private readonly keeper: Keeper,
    private readonly fetch: Send,
    private readonly events: SessionEvents,
    private readonly name: string,
  ) {
    this.leavings = new Leaving(`${name}.leaving`);
  }

  /** Whether the service has yet to hear of a log-out. */
  get leaving(): boolean {
    return this.carried ? this.left !== null : this.leavings.due;
  }

  /** Share the session with the other tabs, and renew its token ahead of time. */
  open(): void {
    this.live = true;
    this.tabs = openTabs(this.name, (message) => this.heard(message));
    this.wake();
  }

  /** Let go of tabs and timers; the session goes on. */
  close(): void {
    this.live = false;
    clearTimeout(this.timer);
    this.tabs.close();
  }

  /** Send a request with the access token; see `authorized`. */
  readonly send: Send = (url, init) => this.authorized((token) => this.fetch(url, bearing(init, token)));

  /**
   * Make a request with the access token. A 401 means that the token is not good: renew it, and try once more.
   *
   * What one user's page has asked for is never done as another: it rejects (401, reason `replaced`).
   */
  async authorized(request: (token: Token | null) => Promise<Response>): Promise<Response> {
    const owner = this.owner;
    if (!this.usable()) await this.renew();
    const used = this.token;
    this.insistOn(owner);
    const response = await request(used);
    if (response.status !== 401 || !used) return response;
    // Another call, or another tab, may have renewed it since. A renewal that was under way may be from before it.
    for (let tries = 0; tries < 2 && this.token === used; tries++) await this.renew(used);
    this.insistOn(owner);
    return this.token ? request(this.token) : response;
  }

  /** The access token, renewed if it has run out or should be `fresh`; null where nobody is signed in. */
  async access(fresh: boolean): Promise<string | null> {
    const owner = this.owner;
    if (fresh || !this.usable()) await this.renew();
    this.insistOn(owner);
    return this.token?.token ?? null;
  }

  /** Run `task`, which logs in or out, while no tab refreshes: of answers that cross, the wrong cookie could stay. */
  alone<T>(task: () => Promise<T>): Promise<T> {
    return this.tabs.alone("refresh", task, { patience: PATIENCE });
  }

  /** Run `task` in one tab only; the next tab takes over when this one closes. Rejects when `signal` stops the wait. */
  lead<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.tabs.alone("stream", task, { signal });
  }

  /** Take the tokens of a log-in. */
  begin(answer: TokenAnswer): void {
    this.take(answer, this.tokenOf(answer));
    this.switched = false;
  }

  /** Log out here and in every other tab, at once; `settle` tells the service. */
  leave(): void {
    this.left = { token: this.token, body: this.keeper.body() ?? {} };
    if (!this.carried) this.leavings.remember();
    this.end("logged_out");
  }

  /** Tell the service of a log-out that it hasn't heard of yet. Rejects when it can't be reached. */
  settle(): Promise<void> {
    return this.alone(() => this.sayLeft());
  }

  /** End it here and in every other tab. */
  end(reason: Reason | null): void {
    if (reason !== null) this.tabs.tell({ type: "ended", reason, session: this.token?.session ?? null });
    this.keeper.forget();
    this.over(reason);
  }

  /**
   * Renew the access token: once for all who ask at once, in all tabs. `stale` is the token that was not good.
   *
   * Rejects when there was no answer for long; the session goes on. Resolves without a token when it is over.
   */
  renew(stale: Token | null = this.token): Promise<void> {
    this.renewing ??= this.insist(stale).finally(() => (this.renewing = null));
    return this.renewing;
  }

  /** Renew it if that is due: timers sleep when the machine does. */
  wake(): void {
    if (!this.token) return;
    if (Date.now() >= this.renewAt) this.quietly();
    else this.plan(this.renewAt - Date.now());
  }

  get headers(): Record<string, string> {
    return this.keeper.headers;
  }

  private async insist(stale: Token | null): Promise<void> {
    const { era } = this;
    for (let attempt = 1; ; attempt++) {
      try {
        // One try at a time: the other tabs needn't wait while this one waits.
        await this.tabs.alone("refresh", (waited) => this.refresh(stale, era, waited), { patience: PATIENCE });
        return;
      } catch (error) {
        // Without an answer the refresh may have been done all the same; asking again gets the same answer.
        if (attempt === TRIES || !isPassing(error)) throw error;
        const { retryAfter = 0 } = error instanceof ProblemError ? error : {};
        const asked = Math.min(retryAfter * 1000, LONGEST_WAIT);
        await pause(asked || 500 * 2 ** (attempt - 1));
      }
    }
  }

  private async refresh(stale: Token | null, era: number, waited: boolean): Promise<void> {
    // Whoever held the lock before has probably renewed it.
    for (let left = NEWS_WITHIN; waited && left > 0 && this.token === stale; left -= 10) await pause(10);
    if (this.era !== era && !this.token) return;
    if (this.token !== stale && this.usable()) return;
    if (!this.carried) await this.sayLeft();
    const body = this.keeper.body();
    if (!body) {
      this.over(null);
      return;
    }
    const answer = await this.ask(body);
    if (answer && !(answer instanceof ProblemError)) {
      const token = this.tokenOf(answer);
      // The session ended, or another began, while this was under way.
      if (this.era === era || ofOneSession(this.token, token)) this.take(answer, token);
      return;
    }
    // What was refused is not the session of somebody who logged in meanwhile, in this tab or another.
    if (this.era !== era) return;
    if (JSON.stringify(this.keeper.body()) !== JSON.stringify(body)) return this.refresh(stale, era, false);
    this.end(answer?.reason ?? (this.token ? "unknown" : null));
  }

  /** Ask for the next tokens. Returns the problem where the session is over, nothing where there is none; else it rejects. */
  private ask(body: object): Promise<TokenAnswer | ProblemError | undefined> {
    const query = { opening: !this.token || null };
    return this.post("/api/auth/refresh", body, this.fetch, query).catch((error: unknown) => {
      if (error instanceof ProblemError && error.code === "invalid_grant") return error;
      throw error;
    });
  }

  /** A log-out that the service hasn't heard of, if there is one. What isn't good any more needs no end. */
  private async sayLeft(): Promise<void> {
    if (!this.leaving) return;
    const { token = null, body = {} } = this.left ?? {};
    const send: Send = (url, init) => this.fetch(url, bearing(init, token));
    await this.post("/api/auth/logout", body, send).catch(isOverAlready);
    this.settled();
  }

  private settled(): void {
    this.left = null;
    this.leavings.forget();
  }

  private post<P extends "/api/auth/refresh" | "/api/auth/logout">(
    path: P,
    body: object,
    send: Send,
    query?: Loose["query"],
  ) {
    return call(send, this.baseUrl, "POST", path, { body, query, limit: ANSWER_WITHIN }, this.keeper.headers);
  }

  /** Whether a log-out carries its refresh token along; without one it is the browser's cookie, whoever's that is. */
  private get carried(): boolean {
    return "refresh_token" in (this.left?.body ?? {});
  }

  private insistOn(owner: string | null): void {
    if (owner !== null && this.owner !== owner) {
      throw new ProblemError(401, "not_authenticated", "Somebody else is signed in", [], "replaced");
    }
  }

  private tokenOf(answer: TokenAnswer): Token {
    return tokenOf(answer.access_token, Date.now() + answer.expires_in * 1000);
  }

  private take(answer: TokenAnswer, token: Token): void {
    this.keeper.keep(answer.refresh_token);
    this.tabs.tell({ type: "token", token: token.token, expiresAt: token.expiresAt });
    this.set(token, answer.user);
  }

  private set(token: Token, user?: User): void {
    const before = this.token;
    const other = this.owner !== null && token.subject !== this.owner;
    // Nothing of the one before may be left when the other arrives.
    if (before && other) this.over("replaced");
    this.owner = token.subject;
    this.token = token;
    const left = token.expiresAt - Date.now();
    // Well before the end, and not when every other tab does.
    const wait = Math.max(left - Math.min(SOON, left * 0.2) * (1 + Math.random()), 500);
    this.renewAt = Date.now() + wait;
    this.plan(wait);
    if (ofOneSession(before, token)) return;
    this.switched = other;
    // The cookie whose log-out was still to be told is another session's now.
    if (!this.carried) this.settled();
    this.era++;
    this.events.began(user);
  }

  private plan(wait: number): void {
    clearTimeout(this.timer);
    if (this.live) this.timer = setTimeout(() => this.quietly(), Math.min(wait, LONGEST_TIMER));
  }

  private quietly(): void {
    // What fails here is also tried again by the next request, or when the page is looked at.
    this.renew().catch(() => this.token && this.plan(SOON));
  }

  private heard(message: Message): void {
    const { token } = this;
    if (message.type === "ended") {
      // Where there is no token yet, the service will say. The tab that ended it has forgotten the refresh token.
      const mine = token !== null && (message.session === null || message.session === token.session);
      if (mine) this.over(message.reason);
      return;
    }
    const news = tokenOf(message.token, message.expiresAt);
    // Messages may come late, all at once when a tab wakes up.
    if (news.expiresAt <= Date.now() || (news.session !== null && news.session === this.last)) return;
    if (ofOneSession(token, news) && news.generation < (token?.generation ?? 0)) return;
    this.set(news);
  }

  private over(reason: Reason | null): void {
    clearTimeout(this.timer);
    this.last = this.token?.session ?? this.last;
    this.token = null;
    this.era++;
    this.events.ended(reason);
  }

  private usable(): boolean {
    return this.token !== null && this.token.expiresAt - Date.now() > LAST_MOMENT;
  }
}
