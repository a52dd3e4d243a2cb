/** The reader's own kind of English; for readers of other languages one that nobody takes the month for the day in. */
export const LOCALE = navigator.language.startsWith("en") ? navigator.language : "en-GB";
