// What the three ways have in common: where Latchkey is, and what a refusal is.
import { createHash } from "node:crypto";
import { InvalidToken, Unavailable } from "@latchkey/client/server";
import { createProofs } from "@latchkey/client/server/dpop";

export const ISSUER = process.env.LATCHKEY_URL ?? "http://localhost:8000"; // its PUBLIC_URL
export const LATCHKEY = process.env.LATCHKEY_INTERNAL_URL ?? ISSUER; // if it has another address from here
export const AUDIENCE = process.env.AUDIENCE ?? "latchkey";
export const LONGEST_TOKEN = 2048; // Latchkey makes none that is longer
const HERE = process.env.NOTES_URL ?? `http://localhost:${process.env.PORT ?? 8003}`; // as whoever calls sees it

/** 401: no good token. 503: that can't be known now, and a 401 would have clients log in for nothing. */
export class Refused extends Error {
  constructor(status, options) {
    super(String(status), options);
    this.status = status;
  }
}

/** Whether whoever shows a token that is bound to a key (DPoP) has the key. It remembers which proofs were used. */
export const proofs = createProofs({ origin: HERE });

/**
 * What `callerOf` says of the token that a request shows: as a bearer's, or with a proof of the key that it is bound to, and
 * never the one in place of the other. Rejects with `Refused`.
 */
export async function shownBy(request, callerOf) {
  const [, scheme, token] = /^(bearer|dpop) +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (!token) throw new Refused(401);
  const caller = await callerOf(token);
  const isBound = caller.cnf !== undefined;
  if (isBound !== (scheme.toLowerCase() === "dpop")) throw new Refused(401);
  if (isBound) await proofs.check(request, token, caller.cnf.jkt).catch(refuse);
  return caller;
}

/** 401 for what isn't good, 503 for what can't be known; and what is neither is a mistake of ours. */
export function refuse(cause) {
  if (cause instanceof InvalidToken) throw new Refused(401, { cause });
  if (cause instanceof Unavailable) throw new Refused(503, { cause });
  throw cause;
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
