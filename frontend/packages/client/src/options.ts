import type { Host } from "./host.js";
import type { Keeper } from "./keeper.js";
import type { ProblemError } from "./problem.js";

export interface Options {
  /** Where the service is: an origin, without a slash at the end. Empty: the page's own. */
  baseUrl?: string;
  /** Where the refresh token lives: in a cookie that no script can read, or in `storageKeeper(localStorage, "…")`. */
  keeper?: Keeper;
  /** Hear at once of a session that ends elsewhere. */
  stream?: boolean;
  /** Tabs with the same name share a session. */
  name?: string;
  /**
   * Called when a call wants its user to show again who they are (403 `reauthentication_required`), with its `methods`: ask
   * for the password, call `reauthenticate`, and resolve with true to have the call made once more. Calls that run at once
   * ask once. What it rejects with, they do.
   */
  onReauthenticationRequired?: (wanted: ProblemError) => Promise<boolean>;
  /** Where `client.fetch` may take the access token, besides the page's own origin and the service's. */
  origins?: readonly string[];
  fetch?: typeof fetch;
  /** Binds sessions to a key: `auto()` of `@latchkey/client/proof`. Says what these options are to be for that. */
  proof?: (options: Options) => Options;
  /** What it runs in, where that is no page. */
  host?: Host;
}
