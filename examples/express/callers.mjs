// What the three ways have in common: where Latchkey is, and what a refusal is.
import { createHash } from "node:crypto";

export const ISSUER = process.env.LATCHKEY_URL ?? "http://localhost:8000"; // its PUBLIC_URL
export const LATCHKEY = process.env.LATCHKEY_INTERNAL_URL ?? ISSUER; // if it has another address from here
export const AUDIENCE = process.env.AUDIENCE ?? "latchkey";
export const LONGEST_TOKEN = 2048; // Latchkey makes none that is longer

/** 401: no good token. 503: that can't be known now, and a 401 would have clients log in for nothing. */
export class Refused extends Error {
  constructor(status, options) {
    super(String(status), options);
    this.status = status;
  }
}

/** What a token is known by: whoever reads this process's memory finds no tokens in it. */
export const nameOf = (token) => createHash("sha256").update(token).digest("base64url");

/** What is known of tokens, by their names: so many, the newest. */
export class Kept extends Map {
  constructor(most = 10_000) {
    super();
    this.most = most;
  }

  set(name, value) {
    this.delete(name);
    if (this.size >= this.most) this.delete(this.keys().next().value);
    return super.set(name, value);
  }

  drop(over) {
    for (const [name, value] of this) if (over(value)) this.delete(name);
  }
}

/** One question for all who ask the same at once. */
export class Once {
  #asked = new Map();

  ask(name, question) {
    const asked = this.#asked.get(name) ?? question().finally(() => this.#asked.delete(name));
    this.#asked.set(name, asked);
    return asked;
  }
}

/** Seconds that only go forward, whatever is done to the clock. */
export const seconds = () => performance.now() / 1000;
