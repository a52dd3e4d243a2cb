/** What the application says besides the parts, in English. */
export const en = {
  "app.language": "Language",
  "app.welcome": "Welcome",
  "app.welcomeText": "One account. See every device that is logged in to it, and log any of them out, at once.",
  "app.nothing": "There is nothing here",
  "app.nothingText": "The address is wrong, or the page has gone.",
  "app.start": "To the start page",
  "app.broken": "This page can’t be shown",
  "app.brokenMissing": "A part of it could not be loaded: there may be a newer version of it, or no connection.",
  "app.brokenText": "Something in it went wrong, and that is our mistake. Your account is as it was.",
} as const;
