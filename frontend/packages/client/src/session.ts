/**
 * The session: one access token in memory, renewed before it runs out, shared by all tabs.
 *
 * It ends only when the service says so: a network that fails, a service that is away or too busy end nothing.
 */
import { problemOf, ProblemError } from "./problem";
import type { Send } from "./request";
import type { Keeper } from "./keeper";
import { openTabs, type Message, type Tabs } from "./tabs";

/** Why a session is over: the service's own word, or `logged_out` for the user's. */
export type Reason = string;

interface Token {
  token: string;
  /** By this browser's clock, in milliseconds. */
  expiresAt: number;
}

export interface TokenAnswer {
  access_token: string;
  refresh_token?: string | null;
  expires_in: number;
}

export interface SessionEvents {
  /** There is a token where there was none, or somebody else's. */
  began(): void;
  /** `reason` is null when there was no session to end. */
  ended(reason: Reason | null): void;
}

const TRIES = 4;
const LAST_MOMENT = 500; // a token this close to its end isn't sent any more: it would be late
const SOON = 30_000;
const LONGEST_TIMER = 2 ** 31 - 1;

export class Session {
  private token: Token | null = null;
  private renewing: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  readonly tabs: Tabs;

  constructor(
    private readonly baseUrl: string,
    private readonly keeper: Keeper,
    private readonly fetch: Send,
    private readonly events: SessionEvents,
    name: string,
  ) {
    this.tabs = openTabs(name, (message) => this.heard(message));
  }

  /** Whose session it is, as the access token says; null without one. */
  get subject(): string | null {
    return this.token && subjectOf(this.token.token);
  }

  /** Send a request with the access token. A 401 means that the token is not good: renew it, and try once more. */
  readonly send: Send = async (url, init) => {
    if (!this.usable()) await this.renew();
    const used = this.token;
    const response = await this.fetch(url, this.signed(init));
    if (response.status !== 401 || !used) return response;
    // Another call, or another tab, may have renewed it since. A renewal that was under way may be from before it.
    for (let tries = 0; tries < 2 && this.token === used; tries++) await this.renew(used);
    return this.token ? this.fetch(url, this.signed(init)) : response;
  };

  /** Take the tokens of a log-in. */
  begin(answer: TokenAnswer): void {
    this.take(answer);
  }

  /** End it here and in every other tab. */
  end(reason: Reason | null): void {
    if (reason !== null) this.tabs.tell({ type: "ended", reason });
    this.over(reason);
  }

  /**
   * Renew the access token: once for all who ask at once, in all tabs. `stale` is the token that was not good.
   *
   * Rejects when there was no answer for long; the session goes on. Resolves without a token when it is over.
   */
  renew(stale: Token | null = this.token): Promise<void> {
    this.renewing ??= this.tabs
      .alone("refresh", async () => {
        // Whoever held the lock before may have renewed it: let the other tab's message arrive first.
        await new Promise((resolve) => setTimeout(resolve, 0));
        if (this.token !== stale && this.usable()) return;
        await this.refresh();
      })
      .finally(() => (this.renewing = null));
    return this.renewing;
  }

  /** Renew it if it has run out meanwhile: timers sleep when the machine does. */
  wake(): void {
    if (this.token && !this.usable(SOON)) this.quietly();
  }

  /** The body and headers with which to log out. */
  get credentials(): { body: object; headers: Record<string, string> } {
    return { body: this.keeper.body() ?? {}, headers: this.keeper.headers };
  }

  get headers(): Record<string, string> {
    return this.keeper.headers;
  }

  close(): void {
    clearTimeout(this.timer);
    this.tabs.close();
  }

  private async refresh(): Promise<void> {
    const asked = this.token;
    const body = this.keeper.body();
    if (!body) {
      this.over(null);
      return;
    }
    for (let attempt = 1; ; attempt++) {
      const wait = 500 * 2 ** (attempt - 1);
      try {
        const response = await this.fetch(`${this.baseUrl}/api/auth/refresh`, {
          method: "POST",
          headers: { ...this.keeper.headers, "Content-Type": "application/json" },
          body: JSON.stringify(body),
        });
        if (response.ok) {
          const fresh = this.token === null;
          const before = this.subject;
          this.take((await response.json()) as TokenAnswer);
          if (fresh || before !== this.subject) this.events.began();
          return;
        }
        const problem = await problemOf(response);
        if (problem.code === "invalid_grant") {
          // Somebody logged in while this was under way: what was refused is not theirs.
          if (this.token !== asked) return;
          this.end(asked ? (problem.reason ?? "revoked") : (problem.reason ?? null));
          return;
        }
        if (!problem.passing || attempt === TRIES) throw problem;
        await pause(Math.min((problem.retryAfter ?? 0) * 1000, 10_000) || wait);
      } catch (error) {
        // fetch's TypeError: no answer. The refresh may have been done all the same; asking again gets the same answer.
        if (error instanceof ProblemError || attempt === TRIES) throw error;
        await pause(wait);
      }
    }
  }

  private take(answer: TokenAnswer): void {
    this.keeper.keep(answer.refresh_token);
    const token = { token: answer.access_token, expiresAt: Date.now() + answer.expires_in * 1000 };
    this.set(token);
    this.tabs.tell({ type: "token", ...token });
  }

  private set(token: Token): void {
    this.token = token;
    const left = token.expiresAt - Date.now();
    // Well before the end, and not when every other tab does.
    const early = Math.min(SOON, left * 0.2) * (1 + Math.random());
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.quietly(), Math.min(Math.max(left - early, 500), LONGEST_TIMER));
  }

  private quietly(): void {
    // What fails here is tried again by the next request, or when the page is looked at.
    this.renew().catch(() => undefined);
  }

  private heard(message: Message): void {
    if (message.type === "ended") return this.over(message.reason);
    const before = this.subject;
    this.set({ token: message.token, expiresAt: message.expiresAt });
    if (before !== this.subject) this.events.began();
  }

  private over(reason: Reason | null): void {
    clearTimeout(this.timer);
    this.token = null;
    this.keeper.forget();
    this.events.ended(reason);
  }

  private usable(margin = LAST_MOMENT): boolean {
    return this.token !== null && this.token.expiresAt - Date.now() > margin;
  }

  private signed(init: RequestInit): RequestInit {
    const headers = new Headers(init.headers);
    if (this.token) headers.set("Authorization", `Bearer ${this.token.token}`);
    return { ...init, headers };
  }
}

function subjectOf(token: string): string | null {
  try {
    const claims = JSON.parse(atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/"))) as {
      sub?: string;
    };
    return claims.sub ?? null;
  } catch {
    return null;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
