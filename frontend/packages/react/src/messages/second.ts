/** What the second step of a log-in says, and showing again who one is with it, in English: loaded when it is needed. */
export const second = {
  secondTitle: "Second step",
  secondCode: "Enter the code that your app shows now.",
  secondRecovery: "Enter one of your recovery codes. Each works once.",
  secondKey: "Confirm with your passkey: by finger, face or PIN, or with a security key.",
  appCode: "Code of the app",
  recoveryCode: "Recovery code",
  attemptsLeft: "Attempts left: {left}",
  trustDevice: "Don’t ask on this device for a while",
  keyAction: "Use the passkey",
  useKey: "Use a passkey",
  useCode: "Use a code of the app",
  useRecovery: "Use a recovery code",
  usePassword: "Use the password",
  secondOver: "That log-in is over",
  secondOverText: "Too many codes were wrong, or too much time has passed. Please begin again.",
  secondUnknown: "This page doesn’t know the second step that this account wants.",
  secondNoKeys: "This account wants a passkey, which this browser doesn’t know.",
  beginAgain: "Begin again",
  lostIt: "Lost all of it?",

  // Passkeys
  keyRefused: "This passkey wasn’t accepted: it may have been removed, or it took too long. Try again, or another way.",
  keyFailed: "This browser couldn’t use a passkey here. Please take another way.",
  keyExists: "This device has a passkey for this account already.",
} as const;
