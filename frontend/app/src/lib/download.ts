/** Hand something to the person as a file called `name`. */
export function download(name: string, parts: BlobPart[], type: string): void {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

export function downloadJson(name: string, value: unknown): void {
  download(name, [JSON.stringify(value, null, 2)], "application/json");
}
