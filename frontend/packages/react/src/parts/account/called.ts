/** What devices are called, from the little that the service knows of them. */
import { fill } from "../../messages/table.js";

/** What the service knows of a device: names of products, which are the same in every language. */
interface Known {
  browser: string | null;
  system: string | null;
}

type DeviceWords = Readonly<Record<"deviceOn" | "unknownBrowser", string>>;

/** What a device is, in the reader's language: "Chrome on macOS". */
export function deviceIn(words: DeviceWords, { browser, system }: Known): string {
  const known = browser ?? words.unknownBrowser;
  return system ? fill(words.deviceOn, { browser: known, system }) : known;
}

/** What its user calls it, or what it is. */
export function calledIn(words: DeviceWords, device: Known & { name: string | null }): string {
  return device.name ?? deviceIn(words, device);
}

/** Where an event came from; nothing where that was nowhere. */
export function originIn(words: DeviceWords, event: Known & { user_agent: string | null; ip: string | null }): string {
  return [event.user_agent && deviceIn(words, event), event.ip].filter(Boolean).join(" · ");
}
