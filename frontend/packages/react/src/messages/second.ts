/** What the second step of a log-in says, and showing again who one is with it, in English: loaded when it is needed. */
export const second = {
  secondTitle: "Second step",
  secondCode: "Enter the code that your app shows now.",
  secondRecovery: "Enter one of your recovery codes. Each works once.",
  appCode: "Code of the app",
  recoveryCode: "Recovery code",
  attemptsLeft: "Attempts left: {left}",
  trustDevice: "Don’t ask on this device for a while",
  useCode: "Use a code of the app",
  useRecovery: "Use a recovery code",
  usePassword: "Use the password",
  secondOver: "That log-in is over",
  secondOverText: "Too many codes were wrong, or too much time has passed. Please begin again.",
  secondUnknown: "This page doesn’t know the second step that this account wants.",
  beginAgain: "Begin again",
  enrolTitle: "Set up a second step",
  enrolText:
    "This account has to have one. You need an app on your phone that shows codes; and a code from an e-mail that we’ll send to you.",
  enrolAction: "Begin",
  enrolAfter: "Once you are logged in, have recovery codes made under “Security”: they let you in without the phone.",
  mailCodeLabel: "Code from the e-mail",
} as const;
