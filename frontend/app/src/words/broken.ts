/** What is said where nothing of the application can be relied on, its tables included. */
const WORDS = {
  en: {
    title: "Something went wrong",
    text: "That is our mistake. Your account is as it was.",
    again: "Load the page anew",
  },
  de: {
    title: "Etwas ging schief",
    text: "Das ist unser Fehler. Ihr Konto ist, wie es war.",
    again: "Die Seite neu laden",
  },
} as const;

/** The words, in the language of the page. */
export function brokenWords(): Readonly<Record<keyof (typeof WORDS)["en"], string>> {
  return document.documentElement.lang === "de" ? WORDS.de : WORDS.en;
}
