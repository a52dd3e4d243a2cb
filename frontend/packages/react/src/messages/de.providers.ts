/** Logging in with other providers, and linking accounts there, in German: loaded with the parts that say it. */
import type { ProviderWords } from "./table.js";

export const deProviders: ProviderWords = {
  providerCancelled: "Sie haben es bei {name} abgebrochen. Es hat sich nichts geändert.",
  providerAway:
    "{name} hat nicht geantwortet, wie es sollte. Versuchen Sie es gleich noch einmal, oder melden Sie sich anders an.",
  providerSpent:
    "Das wurde in einem anderen Tab oder Browser begonnen, ist schon erledigt, oder es ist zu lange her. Bitte beginnen Sie von vorn.",
  providerNoNew:
    "Dieses Konto bei {name} öffnet hier keines, und neue lassen sich damit nicht anlegen. Wenn Sie ein Konto haben, melden Sie sich anders an, und verknüpfen Sie es dort.",
  providerTaken:
    "Dieses Konto bei {name} öffnet hier ein anderes. Lösen Sie zuerst dort die Verknüpfung, oder nehmen Sie ein anderes.",
  providerNotKept:
    "Dieser Browser behält für diese Seite nichts, also kämen Sie von {name} nicht zurück. Erlauben Sie Cookies für sie, oder melden Sie sich anders an.",
  providerUnconfirmed: "Bitte bestätigen Sie zuerst Ihre E-Mail-Adresse.",
  providerAgain: "Noch einmal mit {name} versuchen",

  joinTitle: "Sie haben hier schon ein Konto",
  joinText: "Es hat die Adresse <b>{email}</b>. Melden Sie sich noch einmal daran an, und {name} öffnet es von nun an.",
  joinMailTitle: "Ist das Ihre Adresse?",
  joinMailText: "{name} bürgt nicht für <b>{email}</b>. Wir senden einen Code dorthin, und mit ihm geht es weiter.",
  joinAskTitle: "Wie ist Ihre Adresse?",
  joinAskText:
    "{name} hat uns Ihre E-Mail-Adresse nicht genannt. Wir senden einen Code dorthin, und mit ihm geht es weiter.",
  joinSent: "Ein Code ist an <b>{email}</b> unterwegs. Sehen Sie auch im Spam-Ordner nach.",
  joinAction: "Anmelden und verknüpfen",
  joinByMail: "Code per E-Mail benutzen",

  linked: "Verknüpfte Konten",
  linkedLead: "Konten anderswo, mit denen Sie sich hier anmelden können.",
  linkedNone: "Es gibt keine.",
  linkedSince: "Verknüpft {since}",
  linkedUsed: "benutzt {when}",
  linkedUnused: "noch nicht benutzt",
  linkedNow: "{name} ist verknüpft. Sie können sich damit anmelden.",
  linkNew: "{name} verknüpfen",
  unlink: "Lösen",
  unlinkOf: "Verknüpfung mit {name}, {email} lösen",
  unlinkTitle: "Verknüpfung mit {name} lösen?",
  unlinkText:
    "Es öffnet dieses Konto dann nicht mehr, und alle anderen Geräte werden abgemeldet. Sie können es wieder verknüpfen.",
  unlinked: "Die Verknüpfung mit {name} ist gelöst.",
  lastLinked:
    "Ohne sie könnte sich niemand mehr an diesem Konto anmelden. Setzen Sie zuerst ein Passwort, oder richten Sie einen Passkey ein.",

  stepUpBy: "Noch einmal mit {name} anmelden",
  stepUpLeaves: "Sie kommen auf diese Seite zurück. Tun Sie es dann noch einmal.",

  userUnlinkText: "Es öffnet das Konto dieser Person dann nicht mehr, und alle ihre Geräte werden abgemeldet.",
  userLinkedOne: "{name}, {email}, seit {since}",
};
