import type { Reason } from "./problem.js";
import type { components } from "./schema.js";

export type User = components["schemas"]["UserResponse"];

/** What there is to know about the session, at one moment. Never changed in place: compare by identity. */
export type State =
  /** It isn't known yet whether somebody is signed in. `problem` is why it takes so long, if something is in the way. */
  | { status: "loading"; problem?: Error }
  /**
   * `session` is its id. `switched`: somebody else was signed in here, and this page has not logged anybody in. In between
   * it was `signed_out`: what one user sees or has typed is never the next one's. `fleeting`: this browser doesn't keep the
   * session, which ends with the page: its storage or its cookies are blocked, or the page isn't secure.
   */
  | { status: "signed_in"; user: User; session: string | null; switched: boolean; fleeting?: boolean }
  /**
   * `reason` says why a session ended; there is none where there was no session. `pending`: the service couldn't be reached
   * yet to end it there as well. It hears of it as soon as it can be.
   */
  | { status: "signed_out"; reason?: Reason; pending?: boolean };

export const LOADING: State = { status: "loading" };

/** Who hears of a session. */
export interface SessionEvents {
  /** There is a session where there was none, or another one; `user` is whose, if that was told at once. */
  began(user?: User): unknown;
  /** `reason` is null when there was no session to end. */
  ended(reason: Reason | null): void;
}
