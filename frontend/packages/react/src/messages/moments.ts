/** What is said at a press of a button or over the page, in English: loaded when it is needed. */
export const moments = {
  // Showing again who one is
  stepUpTitle: "Confirm that it’s you",
  stepUpText: "This takes more than being logged in. Please show who you are to continue.",
  stepUpAction: "Continue",
  noProof: "This page doesn’t know the way in which you can confirm it. Please log out, and log in again.",

  // The menu of whoever is signed in
  logOutEverywhere: "Log out everywhere",
  everywhereTitle: "Log out everywhere?",
  everywhereText: "Every device is logged out, this one too. You’ll have to log in again.",

  // Leaving what isn't saved
  leaveTitle: "Leave without saving?",
  leaveText: "What you have changed on this page is not saved.",
  stay: "Stay",
  leave: "Leave",

  // Being somebody else
  switched: "You are logged in as {email} now",
  switchedText: "Somebody has logged in with this account in another tab of this browser.",
  allRight: "All right",

  // A session that the browser doesn't keep
  notKept: "You’ll be logged out when this page is closed or loaded again",
  notKeptText:
    "This browser keeps nothing for this page: cookies are blocked, or its address doesn’t begin with https. To stay logged in, allow cookies for it, and log in again.",
} as const;
