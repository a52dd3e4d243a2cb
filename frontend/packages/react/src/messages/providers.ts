/** What logging in with other providers says, and linking accounts there, in English: loaded when it is needed. */
export const providers = {
  // Coming back
  providerCancelled: "You have called it off at {name}. Nothing has changed.",
  providerAway: "{name} hasn’t answered as it should. Try again in a moment, or log in another way.",
  providerSpent: "This was begun in another tab or browser, was done already, or is too long ago. Please begin again.",
  providerNoNew:
    "This account at {name} opens no account here, and new ones can’t be created with it. If you have an account, log in another way, and link it there.",
  providerTaken: "This account at {name} opens another account here. Unlink it there first, or take another one.",
  providerNotKept:
    "This browser keeps nothing for this page, so you couldn’t come back from {name}. Allow cookies for it, or log in another way.",
  providerUnconfirmed: "Please confirm your e-mail address first.",
  providerAgain: "Try again with {name}",

  // Proving whose account it is
  joinTitle: "You have an account here already",
  joinText: "It has the address <b>{email}</b>. Log in to it once more, and {name} opens it from now on.",
  joinMailTitle: "Is this address yours?",
  joinMailText: "{name} doesn’t vouch for <b>{email}</b>. We’ll send a code there, and with it you go on.",
  joinAskTitle: "What is your address?",
  joinAskText: "{name} hasn’t told us your e-mail address. We’ll send a code there, and with it you go on.",
  joinSent: "A code is on its way to <b>{email}</b>. Look in the spam folder too.",
  joinAction: "Log in and link",
  joinByMail: "Use a code by e-mail",

  // In one's account
  linked: "Linked accounts",
  linkedLead: "Accounts elsewhere that you can log in with here.",
  linkedNone: "There are none.",
  linkedSince: "Linked {since}",
  linkedUsed: "used {when}",
  linkedUnused: "not used yet",
  linkedNow: "{name} is linked. You can log in with it.",
  linkNew: "Link {name}",
  unlink: "Unlink",
  unlinkOf: "Unlink {name}, {email}",
  unlinkTitle: "Unlink {name}?",
  unlinkText: "It opens this account no more, and all your other devices are logged out. You can link it again.",
  unlinked: "{name} is unlinked.",
  lastLinked: "Without it nobody could log in to this account. Set a password or a passkey first.",

  // Showing again who one is
  stepUpBy: "Log in again with {name}",
  stepUpLeaves: "You’ll come back to this page. Then do it once more.",

  // For administrators
  userUnlinkText: "It opens this user’s account no more, and all their devices are logged out.",
  userLinkedOne: "{name}, {email}, since {since}",
} as const;
