/** Why a session is over, in words for the person it happened to. */
import type { NoticeLook } from "../components/Notice";

export interface Ending {
  look: NoticeLook;
  title: string;
  text: string;
}

const REVOKED: Ending = {
  look: "warning",
  title: "You were signed out from another device",
  text: "Your session here was ended. Please log in again.",
};

const ENDINGS: Record<string, Ending | null> = {
  // Their own doing, in this tab or another one of this browser: nothing to explain.
  logged_out: null,
  expired: { look: "info", title: "You were away for long", text: "Please log in again to continue." },
  revoked: REVOKED,
  reused: {
    look: "error",
    title: "You were signed out to be safe",
    text: "A copy of your session was used elsewhere. Log in, and change your password if that wasn’t you.",
  },
  password_changed: {
    look: "warning",
    title: "Your password was changed",
    text: "Every other device was signed out. Log in with the new password.",
  },
  user_disabled: {
    look: "error",
    title: "This account has been disabled",
    text: "An administrator can enable it again.",
  },
  user_deleted: { look: "info", title: "This account has been deleted", text: "Its sessions are over everywhere." },
};

/** The words for `reason`; null for an ending that needs none. A reason this version doesn't know is `revoked`. */
export function endingText(reason: string): Ending | null {
  const known = ENDINGS[reason];
  return known === undefined ? REVOKED : known;
}
