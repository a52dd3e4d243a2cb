/** Hands a file over to the reader. */
import type { Options } from "./options.js";

/** Save `text` as a file called after the product: "latchkey-export.json". */
export function download(options: Options | undefined, name: string, text: string): void {
  const product = (options?.name ?? "account").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-");
  const type = name.endsWith("json") ? "application/json" : "text/plain";
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${product}-${name}`;
  link.click();
  URL.revokeObjectURL(url);
}
