/**
 * A log-out that the service hasn't heard of yet.
 *
 * Whoever has the refresh token carries it along, in memory, to end the session with it. A script can't take the session's
 * cookie away: until the service does, nobody may come back in by it, in no tab and after no reload.
 */
import type { Token } from "./token.js";

/** What ends the session: its access token, and the body of the call. */
interface Left {
  token: Token | null;
  body: object;
}

const NOTHING: Left = { token: null, body: {} };

export class Leaving {
  #left = NOTHING;
  #here = false; // where there is no storage, or it is denied; or no window, but many visitors
  readonly #key: string;

  constructor(name: string) {
    this.#key = `${name}.leaving`;
  }

  /** What the service is still to be told; null when there is nothing. */
  get due(): Left | null {
    const due = this.carried || this.#here || this.#stored((mark) => mark.getItem(this.#key));
    return due ? this.#left : null;
  }

  /** Whether the log-out carries its refresh token along; without one it is the browser's cookie, whoever's that is. */
  get carried(): boolean {
    return "refresh_token" in this.#left.body;
  }

  remember(token: Token | null, body: object): void {
    this.#left = { token, body };
    if (this.carried) return;
    this.#here = true;
    this.#stored((mark) => {
      mark.setItem(this.#key, "1");
      this.#here = mark.getItem(this.#key) !== "1"; // some take it, and keep nothing
    });
  }

  forget(): void {
    this.#left = NOTHING;
    this.#here = false;
    this.#stored((mark) => mark.removeItem(this.#key));
  }

  #stored<T>(use: (storage: Storage) => T): T | undefined {
    try {
      return use(window.localStorage);
    } catch {
      return undefined;
    }
  }
}
