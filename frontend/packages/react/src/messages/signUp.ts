/** What is said to whoever registers, beside the form, in English: loaded with that. */
export const signUp = {
  byNewKey: "Create an account with a passkey",
  newKeyText: "Without a password: this device will ask for your finger, face or PIN, or for a security key.",
  byNewPassword: "Create an account with a password",

  // Where nobody gets an account
  closed: "New accounts can’t be created here.",
  closedText: "Ask those who run this service for one.",

  // An address that has to be confirmed first
  confirmSent: "We have written to <b>{email}</b>. Open the link in that e-mail to confirm your address, then log in.",
  nothingCame: "Nothing has come?",
} as const;
