/**
 * For what has no pages: React Native, desktop applications, services that call as somebody.
 *
 * The refresh token lives in a storage that the application names, such as the keychain. It is the only secret that is stored.
 */
import { LatchkeyClient } from "./client.js";
import type { Host } from "./host.js";
import type { Options } from "./options.js";
import { StoredToken, type TokenStorage } from "./stored.js";
import type { Tabs } from "./tabs.js";

export { StorageError, type TokenStorage } from "./stored.js";

export interface NativeOptions extends Omit<Options, "host" | "keeper"> {
  /** Where the service is: an origin, without a slash at the end. */
  baseUrl: string;
  /** Keeps one text, under `name` and `.refresh_token`: the keychain, for instance. */
  storage: TokenStorage;
  /** Call `wake` whenever the user is back: timers sleep when the application does. Returns how to stop. */
  onWake?: (wake: () => void) => (() => void) | undefined;
}

/**
 * Make a client that keeps its refresh token in `storage`, and start it.
 *
 * It hears of an end elsewhere with its next call; `stream: true` is for what can read an answer while it comes.
 */
export function createNativeClient({ storage, onWake, ...options }: NativeOptions): LatchkeyClient {
  const keeper = new StoredToken(storage, `${options.name ?? "latchkey"}.refresh_token`);
  const host: Host = {
    watch: (wake, signal) => {
      const stop = onWake?.(() => {
        keeper.mend();
        wake();
        // Another session may be in it than the one that was begun without it; that one has its place then.
        if (keeper.unread && client.getState().status === "signed_out") client.getAccessToken().catch(() => undefined);
        if (client.getState().status !== "loading") return;
        // What was in the way may be gone: it is tried at once.
        client.stop();
        client.start();
      });
      if (stop) signal.addEventListener("abort", stop);
    },
    open: oneAtATime,
  };
  const client = new LatchkeyClient({ stream: false, ...options, keeper, host });
  client.start();
  return client;
}

/** Nobody to tell anything: whoever else uses the storage looks there. Log-ins and refreshes still don't cross. */
function oneAtATime(): Tabs {
  const turns = new Map<string, Promise<unknown>>();
  return {
    tell: () => undefined,
    close: () => undefined,
    alone: (name, task) => {
      const turn = Promise.resolve(turns.get(name)).then(() => task(false));
      turns.set(
        name,
        turn.catch(() => undefined),
      );
      return turn;
    },
  };
}
