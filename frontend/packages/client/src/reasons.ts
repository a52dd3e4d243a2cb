const SENTENCES = new Map(
  Object.entries({
    expired: "You were away for long. Please log in again.",
    logged_out: "You are signed out.",
    password_changed: "Your password was changed. Please log in with the new one.",
    replaced: "Somebody logged in here. Please log in again.",
    reused: "Your session was ended to be safe: a copy of it was used elsewhere. Please log in again.",
    revoked: "You were signed out from another device. Please log in again.",
    user_disabled: "This account has been disabled.",
    user_deleted: "This account has been deleted.",
  }),
);

/** Say in a sentence why a session is over; an unknown reason is a session that somebody ended. */
export function sentenceOf(reason: string): string {
  return SENTENCES.get(reason) ?? "You were signed out from another device. Please log in again.";
}
