/** What several parts say of e-mails, that are loaded when they are needed, in English. */
export const send = {
  lookForMail: "Look for our e-mail",
  sendMail: "Send the e-mail",
  sendLink: "Send the link",
} as const;
