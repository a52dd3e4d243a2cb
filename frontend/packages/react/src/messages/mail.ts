/** What is said to whoever logs in by mail, in English: loaded with that. */
export const mail = {
  mailCodeAndLink: "We’ll send a code, and a link.",
  mailLink: "We’ll send a link.",
  mailCode: "We’ll send a code.",
  sendAnother: "Send another e-mail",
  mailSent: "If there is an account, an e-mail is on its way to <b>{email}</b>. Look in the spam folder too.",
  mailSentToAll: "An e-mail is on its way to <b>{email}</b>. Look in the spam folder too.",
  code: "Code",
  codeHint: "Six digits. It works in this browser alone.",
  codeOrLinkHint: "Six digits. Or open the link in the e-mail: it logs you in where you open it.",
  linkOnly: "Open the link in it, on any device: it logs you in there.",
  mailOver: "That log-in is over",
  mailOverText: "Its link was used, too many codes were tried, or too much time has passed. Ask for another e-mail.",
  byPassword: "Log in with a password",
} as const;
