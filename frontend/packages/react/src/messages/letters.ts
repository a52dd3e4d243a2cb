/** What the pages behind the links of letters say, in English: loaded with these. */
export const letters = {
  toAccount: "To your account",
  deadLink: "This link is no good any more",
  deadLinkText: "It was used already, has run out, or isn’t complete.",
  deadLinkAsk: "It was used already, has run out, or isn’t complete. <link>Ask for a new one</link>.",
  letterCode: "Code from the e-mail",
  letterCodeHint: "Some mail programs cut links. The code stands below the link in the e-mail.",
  letterCodeAction: "Go on with the code",
  resetTitle: "Set a new password",
  resetHint: "Every device is logged out when you set it.",
  resetAction: "Set password",
  resetDone: "Your password is set. Log in with it.",
  verifyTitle: "Confirm your address",
  verifyText:
    "Give the password that you registered with, and we know that it was you. If you didn’t register, close this page: the address stays unconfirmed.",
  verifyChooseText:
    "The account is yours with the password that you choose. Whatever was done with this address before, by you or by somebody else, ends: sessions, passwords and the name.",
  verifyAction: "Confirm my address",
  verifyChooseAction: "Confirm and set password",
  verifyChoose: "I don’t know it: choose a new one",
  verifyGive: "I know my password",
  verifyDone: "Your address is confirmed.",
  verifyChooseDone: "Your address is confirmed, and your password is set.",
  resendHint: "We’ll send the confirmation e-mail again.",
  resent: "If that address waits to be confirmed, an e-mail is on its way.",
  confirmTitle: "Confirm your new address",
  confirmText:
    "From now on the account that asked for it is logged in to with this address, and our e-mails go here. If that wasn’t you, close this page: nothing changes.",
  confirmAction: "Use the new address",
  confirmDone: "Done: the new address is yours. We have told the old one.",
  undoTitle: "Take back the change of address",
  undoText:
    "Your account goes back to this address, and every device is logged out. The password is over too: we send you a link to set a new one.",
  undoAction: "Take it back",
  undoDone:
    "Done: this address is yours again, and every device is logged out. We have sent you a link to set a new password: look for that e-mail, the old password is over.",
  recoverTitle: "Have your second step taken away",
  recoverText:
    "Only if you have lost it: the app, the passkeys and the recovery codes. It isn’t taken away at once: until then you get an e-mail every day, and can say no in each. If you didn’t ask for it, somebody knows your password: close this page, and change it.",
  recoverAction: "I have lost it",
  recoverDone:
    "Your second step is taken away on {at}, with its recovery codes, and every device is logged out. After that your password is enough. As soon as you log in with the second step, it stays.",
  keepTitle: "Keep your second step",
  keepText: "Somebody has asked to have the second step of your account taken away. Press the button, and it stays.",
  keepAction: "No, it stays",
  keepDone:
    "Done: your second step stays. If it wasn’t you who asked, somebody has your password, and can read your e-mails: change both passwords now.",

  linkTitle: "Log in with this link",
  linkText: "It logs you in here, on this device. Is this what you asked for? If not, close this page.",
  linkAccount: "Account",
  linkAt: "Asked for",
  linkWith: "With",
  linkFrom: "From",
} as const;
