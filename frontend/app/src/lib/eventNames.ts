/** Security events in words. */

export type Tone = "neutral" | "good" | "warning";

const NAMES: Record<string, readonly [string, Tone]> = {
  "login.succeeded": ["Signed in", "good"],
  "login.pending": ["Password right, second step asked for", "neutral"],
  "login.new_device": ["Signed in from a new device", "warning"],
  "login.failed": ["Failed sign-in", "warning"],
  "reauthentication.succeeded": ["Password confirmed", "neutral"],
  "reauthentication.failed": ["Password confirmation failed", "warning"],
  "session.logged_out": ["Signed out", "neutral"],
  "session.ended": ["A device was signed out", "neutral"],
  "sessions.ended": ["Devices were signed out", "neutral"],
  "sessions.revoked": ["Devices were signed out by the operator", "warning"],
  "session.replaced": ["Signed in again in the same browser", "neutral"],
  "session.displaced": ["Too many devices: the one not used for longest was signed out", "neutral"],
  "session.expired": ["A device was signed out: not used for long", "neutral"],
  "session.vanished": ["A device was signed out by the operator", "neutral"],
  "session.token_reused": ["A copied key was used; the device was signed out to be safe", "warning"],
  "session.token_shared": ["A key was used in two places at once; somebody may have a copy", "warning"],
  "session.token_repeated": ["A key was used again and again; a bad network, or a copy", "warning"],
  "user.registered": ["Account created", "neutral"],
  "user.created": ["Account created by an administrator", "neutral"],
  "users.imported": ["Accounts imported", "neutral"],
  "user.updated": ["Account changed", "neutral"],
  "user.deleted": ["Account deleted", "warning"],
  "signing_key.rotated": ["A new signing key", "neutral"],
  "signing_key.retired": ["A signing key retired", "neutral"],
  "password.changed": ["Password changed", "warning"],
  "password.reset": ["Password set with a link", "warning"],
  "email.verified": ["E-mail address confirmed", "good"],
  "email.change_final": ["Change of address can’t be taken back any more", "warning"],
  "account.claimed": ["Account claimed from its mailbox", "warning"],
  "user.registered_again": ["Address registered once more", "warning"],
  "email.change_requested": ["Change of e-mail address asked for", "neutral"],
  "email.changed": ["E-mail address changed", "warning"],
  "email.change_undone": ["Change of e-mail address taken back", "warning"],
};

/** The sentence for an event's type; one this version doesn't know is spelt out. */
export function eventName(type: string): string {
  const known = NAMES[type]?.[0];
  if (known) return known;
  const words = type.replace(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function eventTone(type: string): Tone {
  return NAMES[type]?.[1] ?? (/fail|reused|throttl|block/.test(type) ? "warning" : "neutral");
}

/** The types this version knows, for a filter. */
export const EVENT_TYPES: readonly string[] = Object.keys(NAMES);
