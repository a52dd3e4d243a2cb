/** What the application says, and its parts, in German. */
import { de as parts } from "@latchkey/react/de";
import type { en } from "./en";

const own: Record<keyof typeof en, string> = {
  "app.language": "Sprache",
  "app.welcome": "Willkommen",
  "app.welcomeText":
    "Ein Konto. Sehen Sie alle Geräte, die daran angemeldet sind, und melden Sie jedes davon sofort ab.",
  "app.nothing": "Hier ist nichts",
  "app.nothingText": "Die Adresse stimmt nicht, oder es gibt diese Seite nicht mehr.",
  "app.start": "Zur Startseite",
  "app.broken": "Diese Seite kann nicht gezeigt werden",
  "app.brokenMissing":
    "Ein Teil von ihr konnte nicht geladen werden: Vielleicht gibt es eine neuere Fassung, oder keine Verbindung.",
  "app.brokenText": "Auf ihr ging etwas schief, und das ist unser Fehler. Ihr Konto ist, wie es war.",
};

export const de = { ...parts, ...own };
