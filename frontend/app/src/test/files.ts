/** Files that are handed to the person, in a browser that has no way of doing so. */
import { vi } from "vitest";

export interface Saved {
  name: string;
  blob: Blob;
}

/** Note each file from now on, until mocks are restored. */
export function noteFiles(): Saved[] {
  const saved: Saved[] = [];
  let latest = new Blob();
  // jsdom has none of the two, and would leave the page for the link.
  vi.stubGlobal(
    "URL",
    Object.assign(URL, { createObjectURL: (blob: Blob) => (latest = blob), revokeObjectURL: () => undefined }),
  );
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push({ name: this.download, blob: latest });
  });
  return saved;
}

export function bytesOf(blob: Blob | undefined): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(new Uint8Array(reader.result as ArrayBuffer));
    reader.readAsArrayBuffer(blob ?? new Blob());
  });
}
