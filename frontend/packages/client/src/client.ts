import { Presence } from "./presence.js";
import { ProblemError } from "./problem.js";
import { call, page } from "./request.js";
import type { Answer, Item, Last, Loose, Method, Page } from "./request.js";
import type { components, paths } from "./schema.js";
import type { Door, Told } from "./doors.js";
import type { User } from "./state.js";
import { bearing } from "./token.js";

/** Where the service wants the password for each call, another call may have used it up. */
const MOST_QUESTIONS = 3;

/** What a log-in goes on with. */
export type SecondFactor = components["schemas"]["SecondFactorRequest"] | components["schemas"]["EnrolConfirmRequest"];

/** One service, one session, shared by all tabs of this browser. Call `start` once. */
export class LatchkeyClient extends Presence {
  #asking: Promise<boolean> | undefined;

  /** Make a call with the access token; see `call` for what it rejects with. */
  async call<P extends keyof paths, M extends Method>(
    method: M,
    path: P,
    ...[input]: Last<P, M>
  ): Promise<Answer<P, M>> {
    for (let asked = 0; ; asked++) {
      try {
        return await call(this.session.send, method, path, input as Loose);
      } catch (error) {
        const stale = error instanceof ProblemError && error.code === "reauthentication_required";
        if (!stale || asked === MOST_QUESTIONS || !(await this.#reauthenticated(error))) throw error;
      }
    }
  }

  /** Read one page of a list; go on with its `next` as `query.after`. */
  page<P extends keyof paths>(path: P, ...[input]: Last<P, "GET">): Promise<Page<Item<P>>> {
    return page(this.session.send, path, input as Loose);
  }

  /** Make a call that needs no access token. */
  open<P extends keyof paths, M extends Method>(method: M, path: P, ...[input]: Last<P, M>): Promise<Answer<P, M>> {
    return call(this.plain, method, path, input as Loose);
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
    const { location } = globalThis as { location?: Location };
    const others = [this.baseUrl, ...(this.options.origins ?? [])];
    if (origin !== location?.origin && !others.some((url) => url && origin === new URL(url, location?.href).origin)) {
      throw new Error(`${origin} is not in origins`);
    }
    return this.session.authorized((token) => this.raw(request.clone(), bearing(request, token)));
  };

  /** The access token, for what isn't `fetch`; null where nobody is signed in. `fresh`: a new one, not one that is good. */
  async getAccessToken({ fresh = false }: { fresh?: boolean } = {}): Promise<string | null> {
    return (await this.session.access(fresh))?.token ?? null;
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
   * Go on with a log-in that was refused with `second_factor_required`: its `more.challenge`, with a code of the app, a
   * recovery code or a passkey; or, with `enrolment_required`, with what sets the app up. Rejects with `invalid_code`, and with `invalid_challenge` when it is over.
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
    if (everywhere) {
      await this.session.leaveEverywhere();
      return true;
    }
    this.session.leave();
    return this.settle();
  }

  /** Give the password again: for a while the session counts as fresh. */
  async reauthenticate(password: string): Promise<void> {
    await this.call("POST", "/api/auth/reauthenticate", { body: { password } });
  }

  /** Log in at a door of the service's, for a way in that has no method here. `told` hears the answer first. */
  async enter(
    door: Door,
    body: object,
    told?: (answer: Told) => void,
    path: Record<string, string> = {},
  ): Promise<User> {
    await this.session.enter(door, { body, path }, told);
    void this.look().catch(() => undefined); // a service before this question, or a network that fails
    return this.load();
  }

  #reauthenticated(wanted: ProblemError): Promise<boolean> | undefined {
    return (this.#asking ??= this.options
      .onReauthenticationRequired?.(wanted)
      .finally(() => (this.#asking = undefined)));
  }
}
