// By Latchkey's public keys alone: nothing is asked, and an ended session's token is good until its `exp`.
import { createVerifier, InvalidToken, KeysUnavailable } from "@latchkey/client/server";
import { AUDIENCE, ISSUER, LATCHKEY, Refused } from "./callers.mjs";

export class ByKeys {
  #verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keysUrl: `${LATCHKEY}/.well-known/jwks.json`,
    leeway: 5, // seconds by which clocks may differ
  });

  /** Whose token it is: `{ sub, sid, exp }`. Rejects with `Refused`. */
  async callerOf(token) {
    try {
      return await this.#verifier.verify(token);
    } catch (error) {
      if (error instanceof InvalidToken) throw new Refused(401, { cause: error });
      if (error instanceof KeysUnavailable) throw new Refused(503, { cause: error });
      throw error;
    }
  }
}
