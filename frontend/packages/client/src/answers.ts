/** What was answered about tokens, by their fingerprints, and of whom it is: a session's end finds what it ends. */
import type { Introspected } from "./introspecting.js";

/** One answer. */
export interface Answer {
  claims: Introspected;
  /** Until when it counts in any case; milliseconds of `performance.now()`. */
  until: number;
  /** During which time of hearing it was asked for; null: nobody was listening. */
  heard: number | null;
  /** The session has ended since: it is no good, whatever it says. */
  ended: boolean;
}

export class Answers {
  private readonly byToken = new Map<string, Answer>();
  private readonly byOwner = new Map<string, Set<string>>(); // tokens, by session and by user

  constructor(private readonly most: number) {}

  get(token: string): Answer | undefined {
    return this.byToken.get(token);
  }

  /** Keep `answer`, instead of the oldest one where there are too many. */
  keep(token: string, answer: Answer): void {
    this.drop(token);
    for (const oldest of this.byToken.keys()) {
      if (this.byToken.size < this.most) break;
      this.drop(oldest);
    }
    this.byToken.set(token, answer);
    for (const owner of ownersOf(answer)) {
      const tokens = this.byOwner.get(owner) ?? new Set();
      this.byOwner.set(owner, tokens.add(token));
    }
  }

  drop(token: string): void {
    const answer = this.byToken.get(token);
    if (!answer) return;
    this.byToken.delete(token);
    for (const owner of ownersOf(answer)) {
      const tokens = this.byOwner.get(owner);
      tokens?.delete(token);
      if (!tokens?.size) this.byOwner.delete(owner);
    }
  }

  /** The session is over: its tokens are no good, and nobody has to be asked again. */
  end(session: string): void {
    for (const token of this.byOwner.get(session) ?? []) {
      const answer = this.byToken.get(token);
      if (answer) answer.ended = true;
    }
  }

  /** Something has become of this user: the next call asks again. */
  doubt(user: string): void {
    for (const token of [...(this.byOwner.get(user) ?? [])]) {
      if (!this.byToken.get(token)?.ended) this.drop(token);
    }
  }
}

/** Ids are unique: a session's is no user's. */
const ownersOf = ({ claims }: Answer) => [claims.sid, claims.sub];
