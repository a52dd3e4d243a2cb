import { LatchkeyClient } from "./client.js";
import type { Options } from "./options.js";

/** Make a client, and start it. */
export function createClient(options?: Options): LatchkeyClient {
  const client = new LatchkeyClient(options);
  client.start();
  return client;
}
