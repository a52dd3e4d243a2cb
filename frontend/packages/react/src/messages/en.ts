/** What the parts say, in English. `{name}` stands for what is known when it is said. */
export const en = {
  // Words that many parts use
  email: "E-mail",
  password: "Password",
  newPassword: "New password",
  fullName: "Full name",
  optional: "(optional)",
  show: "Show",
  hide: "Hide",
  showField: "Show {field}",
  cancel: "Cancel",
  tryAgain: "Try again",
  loading: "Loading…",
  slow: "The service is taking its time. One moment more…",
  toLogIn: "To the log-in page",
  passwordHint: "At least {min} characters. A few words in a row are good, and easy to remember.",
  passwordHintAny: "A few words in a row are good, and easy to remember.",
  passwordLeft: "{left} more to go.",
  passwordLong: "Long enough. More words make it stronger.",

  // Logging in
  logIn: "Log in",
  forgotLink: "Forgot your password?",
  register: "Create an account",
  refusedForgot: "Forgotten? <link>Set a new password</link>.",
  refusedConfirm: "New here? <link>Send the confirmation e-mail again</link>.",
  untold:
    "The service couldn’t be reached, and doesn’t know it yet. It is told as soon as it answers; please leave this page open until then.",
  byMail: "Log in by e-mail",
  byPasskey: "Log in with a passkey",
  byProvider: "Continue with {name}",
  noWay: "There is no way to log in here at the moment.",

  // Registering
  createAccount: "Create account",
  haveAccount: "Have an account? <link>Log in</link>",

  // Logging in again
  againTitle: "Log in again",
  againText: "As <b>{email}</b>. The page is as you left it.",
  againOther: "Log in another way, or as somebody else",

  // Who is signed in
  menu: "account menu",
  settings: "Account settings",
  logOut: "Log out",

  // Waiting
  connecting: "Still connecting…",
  offline: "You are offline. This page goes on by itself when you are back.",
  retrying: "We keep trying.",
  tryNow: "Try now",

  // What went wrong, by its code
  throttled: "Too many attempts",
  throttledNow: "You can try again now.",
  throttledWait: "Please wait a moment, then try again.",
  throttledSeconds: "Try again in {left} s.",
  throttledMinutes: "Try again in {left} min.",
  noConnection: "No connection",
  noAnswer: "No answer",
  away: "Temporarily unavailable",
  quote: "If you ask for help, quote <code>{id}</code>",
  wrongLogin: "Incorrect e-mail or password.",
  wrongLoginOrUnconfirmed: "Incorrect e-mail or password, or the address is not confirmed yet.",
  wrongPassword: "Incorrect password.",
  required: "Please fill this in.",
  sixDigits: "The code has six digits.",
  tooShort: "At least {min} characters, please.",
  unacceptable: "This can’t be accepted.",
  unacceptableEmail: "This is no e-mail address that works. Please look at it again.",
  unacceptablePassword:
    "This password is too short, too well known, or too much like your address. Please choose another one.",
  "problem.no_answer": "The service can’t be reached. Check your connection; nothing was lost.",
  "problem.too_late": "The service hasn’t answered in time. What you asked for may have been done all the same.",
  "problem.page_failed": "Something went wrong on this page. Reload it and try again.",
  "problem.unavailable": "The service can’t answer at the moment. Nothing was lost.",
  "problem.internal_error": "Something went wrong at the service. Please try again later.",
  "problem.bad_request": "The service couldn’t read what this page sent. Reload it and try again.",
  "problem.email_taken": "There is an account with this address already.",
  "problem.forbidden": "You may not do that.",
  "problem.inactive_user": "This account has been disabled.",
  "problem.invalid_code": "This code is not valid.",
  "problem.invalid_token": "This link is not valid any more. Please ask for a new one.",
  "problem.last_superuser": "This is the last administrator: there has to be one.",
  "problem.not_authenticated": "You are not logged in any more.",
  "problem.not_found": "This may have been removed, or this service doesn’t offer it.",
  "problem.rate_limited": "Too many attempts. Please wait a moment, then try again.",
  "problem.reauthentication_required": "Please log in again to do that.",
  "problem.second_factor_required": "This account wants a second step, which this page doesn’t know.",
  "problem.too_large": "That is more than the service takes.",
  "problem.validation_error": "Something here can’t be accepted. Please look at it again.",
} as const;
