/**
 * The keys of one client: the one its session is bound to, and the one that the next log-in binds to.
 *
 * All tabs of a browser have the same. What this page has used it remembers: storage that is cleared under it ends nothing.
 */
import { change, type Kept } from "./cabinet.js";
import { makeKey, type ProofKey } from "./proofs.js";

/** A log-in that has taken longer begins with another key: nobody has lain in wait in one that was put there. */
const NEXT_LASTS = 600_000;
/** So often it may not be readable before it counts as lost: `Session` asks again within seconds. */
const MOST_FAILURES = 3;

export class Keychain {
  /** The key of the session, as this page knows it. */
  #now: ProofKey | undefined;
  readonly #used = new Map<string, ProofKey>();
  #failures = 0;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** The key to log in with: the same for whoever logs in at once, and where an answer got lost. Undefined where none can be kept. */
  async next(): Promise<ProofKey | undefined> {
    try {
      const made = { ...(await makeKey()), at: Date.now() };
      const fresh = ({ next }: Kept) => next && Math.abs(made.at - next.at) < NEXT_LASTS;
      const { next } = await change(this.#name, (kept) => (fresh(kept) ? kept : { ...kept, next: made }));
      return next;
    } catch {
      return undefined;
    }
  }

  /** The key of the session, whoever has logged in here last. Rejects where it can't be read at the moment. */
  async current(): Promise<ProofKey | undefined> {
    try {
      const { now } = await change(this.#name, (kept) => kept);
      this.#failures = 0;
      if (now) this.#remember(now);
    } catch (error) {
      if (!this.#now && ++this.#failures < MOST_FAILURES) throw error;
    }
    return this.#now;
  }

  /** The key with this thumbprint, if it is one of these. */
  async of(jkt: string | undefined): Promise<ProofKey | undefined> {
    if (jkt === undefined) return undefined;
    if (!this.#used.has(jkt)) await this.current().catch(() => undefined);
    return this.#used.get(jkt);
  }

  /** A session was opened that is bound to `key`: it is the one from now on. Kept before anybody hears of the session. */
  async take(key: ProofKey): Promise<void> {
    this.#remember(key);
    const { jkt, jwk, signer } = key;
    await change(this.#name, () => ({ now: { jkt, jwk, signer } })).catch(() => undefined); // for this page, then
  }

  /** The session goes on with `key`: it is put back, where somebody has cleared it away. */
  async mend(key: ProofKey): Promise<void> {
    if (this.#now?.jkt !== key.jkt) return; // it was a log-out
    await change(this.#name, (kept) => (kept.now ? kept : { ...kept, now: key })).catch(() => undefined);
  }

  /** The session is over. Another's key stays. */
  drop(): void {
    const gone = this.#now?.jkt;
    if (gone === undefined) return;
    this.#now = undefined;
    this.#used.delete(gone);
    const without = (kept: Kept) => (kept.now?.jkt !== gone ? kept : kept.next ? { next: kept.next } : {});
    change(this.#name, without).catch(() => undefined); // nothing can be opened with it
  }

  #remember(key: ProofKey): void {
    this.#now = key;
    this.#used.set(key.jkt, key);
  }
}
