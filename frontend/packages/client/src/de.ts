// Made from the service's catalogue of events by "make catalogue". Do not edit.
import type { Sentences } from "./reasons.js";

export const de: Sentences = {
  logged_out: "Sie sind abgemeldet.",
  logged_out_everywhere: "Sie haben sich auf allen Geräten abgemeldet.",
  ended_elsewhere: "Sie wurden von einem anderen Gerät aus abgemeldet. Bitte melden Sie sich wieder an.",
  others_ended: "Alle Geräte bis auf eines wurden abgemeldet. Bitte melden Sie sich wieder an.",
  replaced: "Hier hat sich jemand neu angemeldet. Bitte melden Sie sich wieder an.",
  displaced: "Sie sind auf zu vielen Geräten angemeldet: Das am längsten nicht benutzte wurde abgemeldet.",
  reused: "Ihre Sitzung wurde zur Sicherheit beendet: Eine Kopie von ihr wurde anderswo benutzt. Bitte melden Sie sich wieder an.",
  expired: "Sie waren lange nicht da. Bitte melden Sie sich wieder an.",
  too_old: "Ihre Anmeldung ist lange her. Bitte melden Sie sich wieder an.",
  password_changed: "Ihr Passwort wurde geändert. Bitte melden Sie sich mit dem neuen an.",
  password_reset: "Mit einem Link aus einer Mail wurde ein neues Passwort gesetzt. Bitte melden Sie sich mit ihm an.",
  password_set: "Die Administration hat diesem Konto ein neues Passwort gegeben. Bitte melden Sie sich mit ihm an.",
  account_claimed: "Dieses Konto gehört nun der Person, die sein Postfach hat, mit einem neuen Passwort.",
  confirmed_by_another: "Diese Adresse wurde von jemand anderem bestätigt, der sich mit ihr registriert hatte.",
  email_change_undone: "Die Änderung der E-Mail-Adresse wurde zurückgenommen. Bitte setzen Sie mit dem Link aus unserer Mail ein neues Passwort.",
  ended_by_administrator: "Die Administration hat Sie abgemeldet. Bitte melden Sie sich wieder an.",
  role_changed: "Sie gehören nicht mehr zur Administration. Bitte melden Sie sich wieder an.",
  user_disabled: "Dieses Konto wurde gesperrt.",
  user_deleted: "Dieses Konto wurde gelöscht.",
  revoked: "Ihre Sitzung wurde vom Betrieb dieses Dienstes beendet. Bitte melden Sie sich wieder an.",
  unproven: "Dieser Browser hat keinen Schlüssel für diese Sitzung. Bitte melden Sie sich wieder an.",
  unknown: "Ihre Sitzung wurde beendet. Bitte melden Sie sich wieder an.",
};
