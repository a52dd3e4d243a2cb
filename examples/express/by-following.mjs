// By asking Latchkey once about a token, and believing that until its stream of endings says otherwise.
//
// Nothing is asked any more, and an ended session is refused within a second. While the stream is lost, Latchkey is asked.
import { ByAsking, SECONDS_OF_A_NO } from "./by-asking.mjs";
import { Kept, nameOf, Once, Refused, seconds, shownBy } from "./callers.mjs";
import { Endings, SILENCE } from "./endings.mjs";
import { Introspection } from "./introspection.mjs";

const REMEMBERED = 10; // seconds, longer than any answer is on its way

export class ByFollowing {
  #introspection = new Introspection();
  #asking = new ByAsking(SILENCE);
  #endings = new Endings({ ended: (sub, sid) => this.#ended(sub, sid), forget: () => this.#forget() });
  #kept = new Kept();
  #refused = new Kept(); // and until when that is believed
  #once = new Once();
  #told = new Map(); // sessions and users that we were told of, and when
  #forgotten = 0;

  /** Begin to listen; until the signal says so. */
  start(signal) {
    void this.#endings.follow(signal);
  }

  /** Whose request it is: `{ sub, sid, exp }`. Rejects with `Refused`. */
  async callerOf(request) {
    return shownBy(request, (token) => this.claimsOf(token));
  }

  /** What is said of a token: `{ sub, sid, exp, cnf }`. */
  async claimsOf(token) {
    if (!this.#endings.alive) return this.#asking.claimsOf(token);
    const name = nameOf(token);
    if (seconds() < (this.#refused.get(name) ?? 0)) throw new Refused(401);
    const caller = this.#kept.get(name);
    if (caller && Date.now() / 1000 < caller.exp) return caller;
    return this.#once.ask(name, () => this.#ask(name, token));
  }

  async #ask(name, token) {
    const [forgotten, askedAt] = [this.#forgotten, seconds()];
    const caller = await this.#introspection.callerOf(token);
    // What was asked before its end was told may have been answered from before it. A session ends for good.
    if (!caller || this.#told.has(caller.sid)) {
      this.#refused.set(name, askedAt + SECONDS_OF_A_NO);
      throw new Refused(401);
    }
    const isNews = (this.#told.get(caller.sub) ?? 0) < askedAt;
    if (isNews && forgotten === this.#forgotten && this.#endings.alive) this.#kept.set(name, caller);
    return caller;
  }

  #ended(sub, sid) {
    this.#kept.drop((caller) => (sid ? caller.sid === sid : caller.sub === sub));
    for (const [one, at] of this.#told) if (seconds() - at >= REMEMBERED) this.#told.delete(one);
    this.#told.set(sid ?? sub, seconds());
  }

  #forget() {
    this.#forgotten += 1;
    this.#kept.clear();
  }
}
