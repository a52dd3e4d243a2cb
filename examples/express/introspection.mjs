// Latchkey, asked about a token (RFC 7662).
import { LATCHKEY, LONGEST_TOKEN, Refused } from "./callers.mjs";

const SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Who we are to Latchkey: what `latchkey clients add NAME --resource-server` has printed. */
export function authorization() {
  const { LATCHKEY_CLIENT_ID: id, LATCHKEY_CLIENT_SECRET: secret } = process.env;
  if (!id || !secret) throw new Error("LATCHKEY_CLIENT_ID and LATCHKEY_CLIENT_SECRET are needed");
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`;
}

export class Introspection {
  #authorization = authorization();

  /** Whose token it is, null unless it is good now. Rejects with `Refused` where that can't be known. */
  async callerOf(token) {
    if (token.length > LONGEST_TOKEN || !SHAPE.test(token)) return null; // no token: Latchkey needn't be asked
    try {
      const response = await fetch(`${LATCHKEY}/oauth/introspect`, {
        method: "POST",
        headers: { Authorization: this.#authorization },
        body: new URLSearchParams({ token }),
        redirect: "error",
        signal: AbortSignal.timeout(2_000),
      });
      // A 401 is about our own id and secret, and no word about the caller's token.
      if (response.status !== 200) throw new Error(`it answered ${response.status}`);
      const { active, sub, sid, exp } = await response.json();
      if (active === false) return null;
      if (active !== true || !sub || !sid || !exp) throw new Error("this is no answer");
      return Date.now() / 1000 < exp ? { sub, sid, exp } : null;
    } catch (error) {
      console.warn(`Latchkey can't be asked: ${error.message}`);
      throw new Refused(503, { cause: error });
    }
  }
}
