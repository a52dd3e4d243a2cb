// By Latchkey's public keys alone: nothing is asked, and an ended session's token is good until its `exp`.
import { createVerifier } from "@latchkey/client/server";
import { AUDIENCE, ISSUER, LATCHKEY, proofs, refuse } from "./callers.mjs";

export class ByKeys {
  #verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keysUrl: `${LATCHKEY}/.well-known/jwks.json`,
    leeway: 5, // seconds by which clocks may differ
    proofs, // else tokens that are bound to a key are refused
  });

  /** Whose request it is: `{ sub, sid, exp }`. Rejects with `Refused`. */
  async callerOf(request) {
    return this.#verifier.authenticate(request).catch(refuse);
  }
}
