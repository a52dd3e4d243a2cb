import type { LatchkeyClient } from "@latchkey/client";
import axios, { type AxiosInstance } from "axios";

/** An axios of your own API's, whose calls carry the access token: it calls with the client's `fetch`. */
export function apiOf(client: LatchkeyClient, baseURL: string): AxiosInstance {
  return axios.create({ baseURL, adapter: "fetch", env: { fetch: client.fetch } });
}
