/** Security events in words. */

export type Tone = "neutral" | "good" | "warning";

const NAMES: Record<string, readonly [string, Tone]> = {
  "user.registered": ["Account created", "neutral"],
  "user.created": ["Account created by an administrator", "neutral"],
  "user.updated": ["Account changed", "neutral"],
  "user.deleted": ["Account deleted", "warning"],
  "password.changed": ["Password changed", "warning"],
  "login.succeeded": ["Signed in", "good"],
  "login.failed": ["Failed sign-in", "warning"],
  "login.throttled": ["Sign-in blocked for a while: too many attempts", "warning"],
  "reauthentication.succeeded": ["Password confirmed", "neutral"],
  "reauthentication.failed": ["Password confirmation failed", "warning"],
  "session.logged_out": ["Signed out", "neutral"],
  "session.ended": ["A device was signed out", "neutral"],
  "sessions.ended": ["Devices were signed out", "neutral"],
  "session.token_reused": ["A copied key was used; the device was signed out to be safe", "warning"],
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
