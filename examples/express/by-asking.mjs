// By asking Latchkey, and keeping the answer for a few seconds: an ended session's token is good for as long.
import { Kept, nameOf, Once, Refused, seconds, shownBy } from "./callers.mjs";
import { Introspection } from "./introspection.mjs";

const SECONDS = 5; // for so long an answer is believed
export const SECONDS_OF_A_NO = 1;

export class ByAsking {
  #introspection = new Introspection();
  #kept = new Kept();
  #once = new Once();
  #seconds;

  constructor(believed = SECONDS) {
    this.#seconds = believed;
  }

  /** Whose request it is: `{ sub, sid, exp }`. Rejects with `Refused`. */
  async callerOf(request) {
    return shownBy(request, (token) => this.claimsOf(token));
  }

  /** What is said of a token: `{ sub, sid, exp, cnf }`. */
  async claimsOf(token) {
    const name = nameOf(token);
    let answer = this.#kept.get(name);
    if (!answer || seconds() >= answer.until) answer = await this.#once.ask(name, () => this.#ask(name, token));
    if (!answer.caller) throw new Refused(401);
    return answer.caller;
  }

  async #ask(name, token) {
    const [askedAt, saidAt] = [seconds(), Date.now() / 1000]; // what ends while the answer is on its way is in no answer
    const caller = await this.#introspection.callerOf(token);
    const believed = Math.min(this.#seconds, caller ? caller.exp - saidAt : SECONDS_OF_A_NO);
    const answer = { caller, until: askedAt + believed };
    this.#kept.set(name, answer);
    return answer;
  }
}
