/** A page of another origin than the service's, without cookies: its sessions are bound to a key of the browser's. */
import { createClient, storageKeeper } from "@latchkey/client";
import { auto } from "@latchkey/client/proof";

declare const SERVICE: string;

const client = createClient({
  baseUrl: SERVICE,
  keeper: storageKeeper(() => localStorage, "refresh_token"),
  proof: auto(),
});
client.subscribe(() => (document.title = client.getState().status));
Object.assign(window, { client });
