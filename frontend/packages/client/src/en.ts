// Made from the service's catalogue of events by "make catalogue". Do not edit.
import type { Sentences } from "./reasons.js";

export const en: Sentences = {
  logged_out: "You are logged out.",
  logged_out_everywhere: "You logged out on all devices.",
  ended_elsewhere: "You were logged out from another device. Please log in again.",
  others_ended: "All devices but one were logged out. Please log in again.",
  replaced: "Somebody logged in here. Please log in again.",
  displaced: "You are logged in on too many devices: the one not used for longest was logged out.",
  reused: "Your session was ended to be safe: a copy of it was used elsewhere. Please log in again.",
  expired: "You were away for long. Please log in again.",
  too_old: "You logged in a long time ago. Please log in again.",
  password_changed: "Your password was changed. Please log in with the new one.",
  password_reset: "A new password was set with a link from an e-mail. Please log in with it.",
  password_set: "An administrator has set a new password for this account. Please log in with it.",
  account_claimed: "This account now belongs to whoever has its mailbox, with a new password.",
  confirmed_by_another: "This address was confirmed by somebody else who had registered with it.",
  email_change_undone: "The change of the e-mail address was taken back. Please set a new password with the link we have sent.",
  ended_by_administrator: "An administrator has logged you out. Please log in again.",
  role_changed: "You are no administrator any more. Please log in again.",
  user_disabled: "This account has been disabled.",
  user_deleted: "This account has been deleted.",
  revoked: "Your session was ended by the operators of this service. Please log in again.",
  unproven: "This browser has no key for this session. Please log in again.",
  unknown: "Your session was ended. Please log in again.",
};
