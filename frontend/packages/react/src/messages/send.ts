/** Buttons of several parts that are loaded when they are needed, in English. */
export const send = {
  sendMail: "Send the e-mail",
  sendLink: "Send the link",
} as const;
