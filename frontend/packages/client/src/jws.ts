/** The parts of a signed token. */
import { InvalidToken } from "./bearer.js";

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** The object in one. Throws an `InvalidToken` where there is none. */
export function read(part: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes(part)));
    if (typeof found === "object" && found !== null && !Array.isArray(found)) return found as Record<string, unknown>;
  } catch {
    // Neither base64url nor UTF-8 nor JSON: all the same.
  }
  throw new InvalidToken("malformed");
}
