/** What a browser keeps for a client, and what its tabs share, has this name: that of another service, also one on the same host, is another. */
export function nameOf(name = "latchkey", baseUrl: string): string {
  const { origin } = (globalThis as { location?: Location }).location ?? {};
  return !baseUrl || baseUrl === origin ? name : `${name} ${baseUrl}`;
}
