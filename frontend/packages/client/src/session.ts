/**
 * The session: one access token in memory, renewed before it runs out, shared by all tabs.
 *
 * It ends only when the service says so: a network that fails, a service that is away or too busy end nothing.
 */
import { ANSWER_WITHIN, post, refresh, type Door, type Told } from "./doors.js";
import type { Host } from "./host.js";
import type { Keeper } from "./keeper.js";
import { Leaving } from "./leaving.js";
import { isOverAlready, isPassing, ProblemError, type Reason } from "./problem.js";
import type { Loose, Send } from "./request.js";
import type { SessionEvents, User } from "./state.js";
import { noTabs, type Message, type Tabs, type Task } from "./tabs.js";
import { bearing, ofOneSession, tokenOf, type Token, type TokenAnswer } from "./token.js";
import { pause } from "./within.js";

const TRIES = 4;
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
  /** Whether it is somebody else's than the one before, without this tab's doing. */
  switched = false;
  #last: string | null = null; // the session that ended last
  #renewing: Promise<void> | null = null;
  #renewAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tabs: Tabs = noTabs;
  #live = false;
  #owner: string | null = null; // whose the session is, or was last
  readonly #keeper: Keeper;
  readonly #fetch: Send;
  readonly #events: SessionEvents;
  readonly #name: string;
  readonly #leaving: Leaving;

  constructor(keeper: Keeper, fetch: Send, events: SessionEvents, name: string) {
    this.#keeper = keeper;
    this.#fetch = fetch;
    this.#events = events;
    this.#name = name;
    this.#leaving = new Leaving(name);
  }

  /** Whether the service has yet to hear of a log-out. */
  get leaving(): boolean {
    return this.#leaving.due !== null;
  }

  /** Share the session with the other tabs, and renew its token ahead of time. */
  open(host: Host): void {
    this.#live = true;
    this.#tabs = host.open(this.#name, (message) => this.#heard(message));
    this.wake();
  }

  /** Let go of tabs and timers; the session goes on. */
  close(): void {
    this.#live = false;
    clearTimeout(this.#timer);
    this.#tabs.close();
  }

  /** Send a request with the access token; see `authorized`. */
  readonly send: Send = (path, init) => this.authorized((token) => this.#fetch(path, bearing(init, token)));

  /**
   * Make a request with the access token. A 401 means that the token is not good: renew it, and try once more.
   *
   * What one user's page has asked for is never done as another: it rejects (401, reason `replaced`).
   */
  async authorized(request: (token: Token | null) => Promise<Response>): Promise<Response> {
    const owner = this.#owner;
    const used = await this.access();
    const response = await request(used);
    if (response.status !== 401 || !used) return response;
    // Another call, or another tab, may have renewed it since. A renewal that was under way may be from before it.
    for (let tries = 0; tries < 2 && this.token === used; tries++) await this.renew(used);
    if (this.token === used) this.#over(null); // there was nothing to renew it with
    this.#insistOn(owner);
    return this.token ? request(this.token) : response;
  }

  /** The access token, renewed if it has run out or should be `fresh`; null where nobody is signed in. */
  async access(fresh = false): Promise<Token | null> {
    const owner = this.#owner;
    if (fresh || !this.#usable()) await this.renew();
    this.#insistOn(owner);
    return this.token;
  }

  /** Run `task` in one tab only; the next tab takes over when this one closes. Rejects when `signal` stops the wait. */
  lead<T>(task: Task<T>, signal: AbortSignal): Promise<T> {
    return this.#tabs.alone("stream", task, signal);
  }

  /** Log in with `input` at `door`; `told` hears the answer first. */
  enter(door: Door, input: Loose, told?: (answer: Told) => void): Promise<void> {
    return this.#alone(async () => {
      const answer = await post(this.#fetch, this.#keeper, door, input);
      told?.(answer);
      await this.#take(answer);
      this.switched = false;
    });
  }

  /** Log out here and in every other tab, at once; `settle` tells the service. */
  leave(): void {
    this.#leaving.remember(this.token, this.#keeper.body() ?? {});
    this.end("logged_out");
  }

  /** End all of the user's sessions. Rejects, and changes nothing, when the service can't be reached. */
  async leaveEverywhere(): Promise<void> {
    await post(this.send, this.#keeper, "/api/auth/logout-all", {}).catch(isOverAlready);
    this.end("logged_out_everywhere");
  }

  /** Tell the service of a log-out that it hasn't heard of yet. Rejects when it can't be reached. */
  settle(): Promise<void> {
    return this.#alone(() => this.#sayLeft());
  }

  /** End it here and in every other tab. */
  end(reason: Reason | null): void {
    if (reason !== null) this.#tabs.tell({ type: "ended", reason, session: this.token?.sid ?? null });
    this.#keeper.forget();
    this.#over(reason);
  }

  /**
   * Renew the access token: once for all who ask at once, in all tabs. `stale` is the token that was not good.
   *
   * Rejects when there was no answer for long; the session goes on. Resolves without a token when it is over.
   */
  renew(stale: Token | null = this.token): Promise<void> {
    return (this.#renewing ??= this.#insist(stale).finally(() => (this.#renewing = null)));
  }

  /** Renew it if that is due: timers sleep when the machine does. */
  wake(): void {
    if (this.token) this.#plan(this.#renewAt - Date.now());
  }

  /** Run `task`, which logs in or out, while no tab refreshes: of answers that cross, the wrong cookie could stay. */
  #alone<T>(task: (waited: boolean) => Promise<T>): Promise<T> {
    return this.#tabs.alone("refresh", task);
  }

  async #insist(stale: Token | null): Promise<void> {
    const { era } = this;
    for (let attempt = 1; ; attempt++) {
      try {
        // One try at a time: the other tabs needn't wait while this one waits.
        await this.#alone((waited) => this.#refresh(stale, era, waited));
        return;
      } catch (error) {
        const { retryAfter = 0, code } = error as Partial<ProblemError>;
        // Without an answer the refresh may have been done all the same; asking again gets the same answer.
        if (attempt === TRIES || !isPassing(error)) {
          // A browser that may sign again later goes on. Any other can't show that this is its session: it lives, but not here.
          const lost =
            code === "invalid_dpop_proof" || (code === "device_proof_required" && !retryAfter && !this.#usable());
          if (!lost || this.era !== era) throw error;
          this.#over("unproven");
          return;
        }
        const asked = Math.min(retryAfter * 1000, LONGEST_WAIT);
        await pause(asked || 500 * 2 ** (attempt - 1));
      }
    }
  }

  async #refresh(stale: Token | null, era: number, waited: boolean): Promise<void> {
    // Whoever held the lock before has probably renewed it.
    for (let left = NEWS_WITHIN; waited && left > 0 && this.token === stale; left -= 10) await pause(10);
    if (this.era !== era && !this.token) return;
    if (this.token !== stale && this.#usable()) return;
    if (!this.#leaving.carried) await this.#sayLeft();
    const body = await this.#kept();
    if (!body) {
      // Another tab may have what this one lacks, where the browser keeps nothing: it will tell of its next token.
      if (!this.#usable()) this.#over(null);
      return;
    }
    const answer = await refresh(this.#fetch, this.#keeper, body, !this.token);
    if ("access_token" in answer) {
      // The session ended, or another began, while this was under way.
      await this.#take(answer, (token) => this.era !== era && !ofOneSession(this.token, token));
      return;
    }
    const now = await this.#kept();
    // What was refused is not the session of somebody who logged in meanwhile, in this tab or another.
    if (this.era !== era) return;
    if (JSON.stringify(now) !== JSON.stringify(body)) return this.#refresh(stale, era, false);
    this.end(answer.reason ?? (this.token ? "unknown" : null));
  }

  /** What to refresh with, as it is now: another one may have kept something since. */
  async #kept(): Promise<object | undefined> {
    await this.#keeper.read?.();
    return this.#keeper.body();
  }

  /** A log-out that the service hasn't heard of, if there is one. What isn't good any more needs no end. */
  async #sayLeft(): Promise<void> {
    const { due } = this.#leaving;
    if (!due) return;
    const { token, body } = due;
    const send: Send = (path, init) => this.#fetch(path, bearing(init, token));
    await post(send, this.#keeper, "/api/auth/logout", { body, limit: ANSWER_WITHIN }).catch(isOverAlready);
    this.#leaving.forget();
  }

  #insistOn(owner: string | null): void {
    if (owner !== null && this.#owner !== owner) {
      throw new ProblemError(401, "not_authenticated", "Somebody else is signed in", [], "replaced");
    }
  }

  /** Take the tokens of `answer`, once they are kept; unless it is `late`, by then. */
  async #take(answer: TokenAnswer, late?: (token: Token) => boolean): Promise<void> {
    const token = tokenOf(answer.access_token, Date.now() + answer.expires_in * 1000);
    let era: number;
    do {
      if (late?.(token)) return;
      ({ era } = this);
      await this.#keeper.keep(answer.refresh_token);
      // Whatever has ended meanwhile has had it forgotten.
    } while (era !== this.era);
    this.#tabs.tell({ ...token, type: "token" });
    this.#set(token, answer.user);
  }

  #set(token: Token, user?: User): void {
    const before = this.token;
    const other = this.#owner !== null && token.sub !== this.#owner;
    // Nothing of the one before may be left when the other arrives.
    if (before && other) this.#over("replaced");
    this.#owner = token.sub;
    this.token = token;
    const left = token.expiresAt - Date.now();
    // Well before the end, and not when every other tab does.
    const wait = Math.max(left - Math.min(SOON, left * 0.2) * (1 + Math.random()), 500);
    this.#renewAt = Date.now() + wait;
    this.#plan(wait);
    if (ofOneSession(before, token)) return;
    this.switched = other;
    // The cookie whose log-out was still to be told is another session's now.
    if (!this.#leaving.carried) this.#leaving.forget();
    this.era++;
    this.#events.began(user);
  }

  #plan(wait: number): void {
    clearTimeout(this.#timer);
    if (!this.#live) return;
    // What fails here is also tried again by the next request, or when the page is looked at.
    const renew = () => void this.renew().catch(() => this.token && this.#plan(SOON));
    this.#timer = setTimeout(renew, Math.min(wait, LONGEST_TIMER));
  }

  #heard(message: Message): void {
    const { token } = this;
    if (message.type === "ended") {
      // Where there is no token yet, the service will say. The tab that ended it has forgotten the refresh token.
      const mine = token !== null && (message.session === null || message.session === token.sid);
      if (!mine) return;
      this.#keeper.passed?.();
      this.#over(message.reason);
      return;
    }
    const news = tokenOf(message.token, message.expiresAt);
    // Messages may come late, all at once when a tab wakes up. What says of nobody that it is theirs is none of ours.
    if (typeof news.sub !== "string" || news.expiresAt <= Date.now() || (news.sid !== null && news.sid === this.#last))
      return;
    if (ofOneSession(token, news) && news.gen < (token?.gen ?? 0)) return;
    this.#keeper.passed?.();
    this.#set(news);
  }

  #over(reason: Reason | null): void {
    clearTimeout(this.#timer);
    this.#last = this.token?.sid ?? this.#last;
    this.token = null;
    this.era++;
    this.#events.ended(reason);
  }

  #usable(): boolean {
    return this.token !== null && this.token.expiresAt - Date.now() > LAST_MOMENT;
  }
}
