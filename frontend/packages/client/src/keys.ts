/** The service's public keys, kept as long as they may be, and asked for anew when somebody shows an unknown one. */

import { Unavailable } from "./unavailable.js";

/** It can't be known whether a token is good: the keys are out of reach. Answer 503, never 401. */
export class KeysUnavailable extends Unavailable {
  override readonly name = "KeysUnavailable";

  constructor(options?: ErrorOptions) {
    super("The service's public keys can't be read", options);
  }
}

export interface KeyOptions {
  fetch?: typeof fetch;
  /** The clock, in milliseconds. */
  now?: () => number;
}

/** As long as the service says that they may be kept; it publishes a key as long before it signs. */
const LIFE = 300_000;
/** Known keys still serve for so long when new ones can't be read. A key that was taken back is trusted no longer. */
const STALE = 3_600_000;
/** Whoever makes names up causes a request this often, and no more. */
const PAUSE = 10_000;
const PAUSE_AFTER_FAILURE = 1_000;
const ANSWER_WITHIN = 5_000;
const MOST = 100;

export class Keys {
  private known = new Map<string, CryptoKey>();
  private readAt = -Infinity;
  private askAgainAt = -Infinity;
  private failure: unknown;
  private reading: Promise<void> | null = null;
  private readonly now: () => number;

  constructor(
    private readonly url: string,
    private readonly options: KeyOptions,
  ) {
    this.now = options.now ?? Date.now;
  }

  /** The key of that name; undefined if the service has none. Rejects with `KeysUnavailable`. */
  async get(name: string): Promise<CryptoKey | undefined> {
    const due = this.now() - this.readAt >= LIFE;
    if ((due || !this.known.has(name)) && this.now() >= this.askAgainAt) await this.read();
    const found = this.now() - this.readAt < STALE ? this.known.get(name) : undefined;
    // One that is unknown may have been made since the keys could be read.
    if (!found && this.failure !== undefined) throw new KeysUnavailable({ cause: this.failure });
    return found;
  }

  /** Once for all who ask at once. */
  private read(): Promise<void> {
    if (isAlone()) return this.ask();
    return (this.reading ??= this.ask().finally(() => (this.reading = null)));
  }

  private async ask(): Promise<void> {
    try {
      // Not followed elsewhere: whose keys these are is the whole point.
      const init: RequestInit = { redirect: "manual", signal: AbortSignal.timeout(ANSWER_WITHIN) };
      const response = await (this.options.fetch ?? fetch)(this.url, init);
      if (response.status !== 200) throw new Error(`${this.url} answered ${response.status}`);
      this.known = await imported(await response.json());
      this.readAt = this.now();
      this.askAgainAt = this.readAt + PAUSE;
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
      this.askAgainAt = this.now() + PAUSE_AFTER_FAILURE;
    }
  }
}

/** Whether no request may wait for what another one has asked, as on Cloudflare's workers. */
export function isAlone(): boolean {
  return typeof navigator !== "undefined" && navigator.userAgent === "Cloudflare-Workers";
}

async function imported(set: unknown): Promise<Map<string, CryptoKey>> {
  const { keys } = (set ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) throw new Error("This is no key set");
  const found = new Map<string, CryptoKey>();
  for (const key of keys.slice(0, MOST) as (JsonWebKey & { kid?: unknown })[]) {
    // Others are for a later version, or for something else.
    if (key.kty !== "EC" || key.crv !== "P-256" || key.use !== "sig" || typeof key.kid !== "string") continue;
    const { kty, crv, x = "", y = "" } = key;
    const way = { name: "ECDSA", namedCurve: "P-256" };
    const made = crypto.subtle.importKey("jwk", { kty, crv, x, y }, way, false, ["verify"]);
    await made.then((one) => found.set(key.kid as string, one)).catch(() => undefined); // no point of the curve
  }
  return found;
}
