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
  "app.skip": "Zur Seite springen",
  "app.menu": "Menü",
  "app.main": "Hauptmenü",
  "app.overview": "Übersicht",
  "app.profile": "Profil",
  "app.security": "Sicherheit",
  "app.devices": "Geräte",
  "app.activity": "Aktivität",
  "app.yourData": "Ihre Daten",
  "app.administration": "Administration",
  "app.users": "Benutzer",
  "app.events": "Ereignisse",
  "app.statistics": "Statistik",
  "app.hello": "Hallo",
  "app.helloName": "Hallo, {name}",
  "app.glance": "Ihr Konto auf einen Blick.",
  "app.oneDevice": "1 Gerät",
  "app.manyDevices": "{count} Geräte",
  "app.devicesText": "an Ihrem Konto angemeldet",
  "app.confirmed": "Bestätigt",
  "app.unconfirmed": "Nicht bestätigt",
  "app.securityText": "Ihr Passwort, und womit Sie sonst zeigen, dass Sie es sind",
  "app.latest": "Was zuletzt geschah",
  "app.allActivity": "Alles ansehen",
  "app.colours": "Farben: {now}. Wechseln zu {next}",
  "app.system": "System",
  "app.light": "hell",
  "app.dark": "dunkel",
};

export const de = { ...parts, ...own };
