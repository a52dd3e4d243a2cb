/** A refresh token in a storage that takes its time, and may fail. */
import type { Keeper } from "./keeper.js";
import { within } from "./within.js";

/** What a keychain, or whatever else keeps a text, is wrapped in. Each may answer at once or later, or reject. */
export interface TokenStorage {
  getItem(key: string): Promise<string | null> | string | null;
  /** Keep `value` in the place of whatever was there. It is kept when this is done, also if the application is killed then. */
  setItem(key: string, value: string): Promise<void> | void;
  removeItem(key: string): Promise<void> | void;
}

/** The storage has rejected, or hasn't answered within ten seconds. The session goes on, and it is tried again. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly passing = true;

  constructor(options?: ErrorOptions) {
    super("The storage of the session can't be used", options);
  }
}

const PATIENCE = 10_000;
/** So often it may fail before it has ever been read, a quarter of a minute at least: then nothing is in it, for now. */
const MOST_TRIES = 12;

/**
 * The storage has the truth: each refresh looks there first, for another process may have renewed the token. The next token
 * is kept before anything is done with it, so what is there always opens the session: the token before the last renewal does,
 * as long as nothing was done with what that gave.
 *
 * A log-in that it doesn't take goes on in memory, and each renewal offers it the next token: the session is there until the
 * application ends, rather than not at all.
 */
export class StoredToken implements Keeper {
  readonly headers = {};
  #token: string | null = null; // as it was there last
  #owed = false; // whether it couldn't be removed
  #here = false; // whether the session is in memory alone
  #renewing = false; // whether what is there is being spent
  #tries = 0; // how often it couldn't be read; -1 once it could
  #last: Promise<unknown> = Promise.resolve();
  readonly #storage: TokenStorage;
  readonly #key: string;

  constructor(storage: TokenStorage, key: string) {
    this.#storage = storage;
    this.#key = key;
  }

  async read(): Promise<void> {
    if (this.#here) return;
    try {
      this.#token = await this.#inTurn(async () => {
        await this.#pay();
        return this.#storage.getItem(this.#key);
      });
      this.#tries = -1;
    } catch (error) {
      if (this.#tries < 0 || ++this.#tries < MOST_TRIES) throw error;
    }
  }

  /** Whether it was never read, and not for want of trying: what is in it may be read now. */
  get unread(): boolean {
    return this.#tries >= MOST_TRIES;
  }

  kept(): boolean {
    return !this.#here;
  }

  body(): { refresh_token: string } | undefined {
    this.#renewing = this.#token !== null && !this.#here;
    return this.#token === null ? undefined : { refresh_token: this.#token };
  }

  async keep(token: string | null | undefined): Promise<void> {
    if (!token) return;
    try {
      await this.#inTurn(async () => {
        await this.#storage.setItem(this.#key, token);
        this.#owed = false;
      });
      this.#here = false;
    } catch (error) {
      // What is stored still opens the session, as long as nothing is done with what comes after it.
      if (this.#renewing) throw error;
      this.#remove(); // another session's, if it is there
      this.#here = true;
    }
    this.#renewing = false;
    this.#token = token;
  }

  forget(): void {
    this.#token = null;
    this.#here = this.#renewing = false;
    this.#remove();
  }

  #remove(): void {
    this.#inTurn(() => {
      this.#owed = true;
      return this.#pay();
    }).catch(() => undefined); // it is owed still, then
  }

  /** Remove what couldn't be removed, if there is anything. Whoever reads or keeps does so, too. */
  mend(): void {
    this.#inTurn(() => this.#pay()).catch(() => undefined);
  }

  async #pay(): Promise<void> {
    if (!this.#owed) return;
    await this.#storage.removeItem(this.#key);
    this.#owed = false;
  }

  /** Run `task` when all before it are done, however long that takes: what is kept last is what was to be kept last. */
  async #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => undefined);
    try {
      return await within(PATIENCE, undefined, () => turn);
    } catch (cause) {
      throw new StorageError({ cause });
    }
  }
}
