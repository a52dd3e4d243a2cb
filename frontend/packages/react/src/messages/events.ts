// Made from the service's catalogue of events by "make catalogue". Do not edit.
import type { components } from "@latchkey/client";

export type Tone = "neutral" | "good" | "warning";

type Type = components["schemas"]["EventResponse"]["type"];

/** What each event is called, and how it sounds. */
export const EVENTS: Record<Type, readonly [string, Tone]> = {
  "user.registered": ["Account created", "neutral"],
  "user.registered_again": ["Address registered once more", "warning"],
  "user.created": ["Account created by an administrator", "neutral"],
  "users.imported": ["Accounts imported", "neutral"],
  "user.updated": ["Account changed", "neutral"],
  "user.deleted": ["Account deleted", "warning"],
  "password.changed": ["Password changed", "warning"],
  "password.reset": ["Password set with a link", "warning"],
  "email.verified": ["E-mail address confirmed", "good"],
  "email.change_requested": ["Change of e-mail address asked for", "neutral"],
  "email.changed": ["E-mail address changed", "warning"],
  "email.change_undone": ["Change of e-mail address taken back", "warning"],
  "email.change_final": ["Change of address can’t be taken back any more", "warning"],
  "account.claimed": ["Account claimed from its mailbox", "warning"],
  "login.succeeded": ["Logged in", "good"],
  "login.pending": ["First step right, a second one asked for", "neutral"],
  "login.failed": ["Failed log-in", "warning"],
  "login.new_device": ["Logged in from a new device", "warning"],
  "reauthentication.succeeded": ["Password confirmed", "neutral"],
  "reauthentication.failed": ["Password confirmation failed", "warning"],
  "session.logged_out": ["Logged out", "neutral"],
  "session.ended": ["A device was logged out", "neutral"],
  "session.replaced": ["Logged in again in the same browser", "neutral"],
  "sessions.ended": ["Devices were logged out", "neutral"],
  "sessions.revoked": ["Devices were logged out by the operator", "warning"],
  "session.displaced": ["Too many devices: the one not used for longest was logged out", "neutral"],
  "session.expired": ["A device was logged out: not used for long", "neutral"],
  "session.vanished": ["A device was logged out by the operator", "neutral"],
  "session.token_reused": ["A copied key was used; the device was logged out to be safe", "warning"],
  "session.token_shared": ["A key was used in two places at once; somebody may have a copy", "warning"],
  "session.token_repeated": ["A key was used again and again; a bad network, or a copy", "warning"],
  "login.mail_asked": ["Log-in by mail asked for", "neutral"],
  "users.exported": ["List of users downloaded", "neutral"],
  "signing_key.rotated": ["A new signing key", "neutral"],
  "signing_key.retired": ["A signing key retired", "neutral"],
  "events.exported": ["List of events downloaded", "neutral"],
  "stores.set_back": ["A store was set back to an earlier state", "warning"],
  "stores.restored": ["A restored backup was made safe", "neutral"],
};
