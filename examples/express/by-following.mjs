// By asking Latchkey once about a token, and believing that until its stream of endings says otherwise.
//
// Nothing is asked any more, and an ended session is refused within a second. While the stream is lost, Latchkey is asked.
import { ByAsking, SECONDS_OF_A_NO } from "./by-asking.mjs";
import { Kept, nameOf, Once, Refused, seconds } from "./callers.mjs";
import { Endings, SILENCE } from "./endings.mjs";
import { Introspection } from "./introspection.mjs";

const JUST_ENDED = 10; // an answer that was on its way when its session's end was told may be from before it

export class ByFollowing {
  #introspection = new Introspection();
  #asking = new ByAsking(SILENCE);
  #endings = new Endings({ ended: (sub, sid) => this.#ended(sub, sid), forget: () => this.#forget() });
  #kept = new Kept();
  #refused = new Kept(); // and until when that is believed
  #once = new Once();
  #justEnded = new Map(); // sessions and users, and when that was heard
  #forgotten = 0;

  /** Begin to listen; until the signal says so. */
  start(signal) {
    void this.#endings.follow(signal);
  }

  /** Whose token it is: `{ sub, sid, exp }`. Rejects with `Refused`. */
  async callerOf(token) {
    if (!this.#endings.alive) return this.#asking.callerOf(token);
    const name = nameOf(token);
    if (seconds() < (this.#refused.get(name) ?? 0)) throw new Refused(401);
    const caller = this.#kept.get(name);
    if (caller && Date.now() / 1000 < caller.exp) return caller;
    return this.#once.ask(name, () => this.#ask(name, token));
  }

  async #ask(name, token) {
    const [forgotten, askedAt] = [this.#forgotten, seconds()];
    const caller = await this.#introspection.callerOf(token);
    if (!caller || this.#over(caller.sid)) {
      this.#refused.set(name, askedAt + SECONDS_OF_A_NO);
      throw new Refused(401);
    }
    if (forgotten === this.#forgotten && this.#endings.alive && !this.#over(caller.sub)) this.#kept.set(name, caller);
    return caller;
  }

  #ended(sub, sid) {
    this.#kept.drop((caller) => (sid ? caller.sid === sid : caller.sub === sub));
    for (const [one, at] of this.#justEnded) if (seconds() - at >= JUST_ENDED) this.#justEnded.delete(one);
    this.#justEnded.set(sid ?? sub, seconds());
  }

  #over(name) {
    return seconds() - (this.#justEnded.get(name) ?? -JUST_ENDED) < JUST_ENDED;
  }

  #forget() {
    this.#forgotten += 1;
    this.#kept.clear();
  }
}
