/** What is said to whoever has lost a second factor, and to whoever may be about to lose it, in English: loaded with that. */
export const lost = {
  lostTitle: "Second step lost",
  lostText:
    "Only if the app, the passkeys and the recovery codes are lost: then it can be taken away, after a wait of hours or days. We send an e-mail to confirm that with; then you see when it will be. Until then an e-mail comes every day, and each can put an end to it.",
  lostSent:
    "If the address of this account is confirmed, an e-mail is on its way. Open the link in it. Look in the spam folder too.",
  lostByMail: "Log in with your password to ask for that: a mailbox alone isn’t enough.",
  lostBack: "Back to the second step",
  goesTitle: "Your second step will be taken away",
  goesText:
    "On {at}. Somebody with your password and your mailbox has asked for it. If that wasn’t you, keep it, and change both passwords.",
  goesNot: "Keep it",
  stays: "Your second step stays.",
} as const;
