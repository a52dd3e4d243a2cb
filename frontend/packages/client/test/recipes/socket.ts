import type { LatchkeyClient } from "@latchkey/client";

const AGAIN_AFTER = 1_000;

/**
 * Hear what comes through a socket for as long as somebody is signed in; returns how to stop.
 *
 * Its first message is the access token, which never stands in the address: logs would keep it.
 */
export function live(client: LatchkeyClient, url: string, heard: (message: string) => void): () => void {
  let socket: WebSocket | undefined;
  let stopped = false;

  async function open() {
    const token = await client.getAccessToken();
    if (stopped || token === null) return;
    const opened = new WebSocket(url);
    socket = opened;
    opened.onopen = () => opened.send(JSON.stringify({ token }));
    opened.onmessage = ({ data }) => heard(String(data));
    // The server closes it when the token runs out: there is a new one by then.
    opened.onclose = again;
  }
  function again() {
    if (!stopped) setTimeout(() => void open().catch(again), AGAIN_AFTER);
  }

  void open().catch(again);
  return () => {
    stopped = true;
    socket?.close();
  };
}
