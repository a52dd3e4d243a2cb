/** What is said to whoever has forgotten the password, in English: loaded with that. */
export const forgot = {
  forgotTitle: "Forgot your password?",
  forgotHint: "We’ll send a link to set a new one.",
  forgotSent:
    "If there is an account for <b>{email}</b>, a link is on its way to it. It works once, and not for long. Look in the spam folder too.",
  backToLogIn: "Back to log in",
} as const;
