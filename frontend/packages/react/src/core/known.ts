/** For routers: who is signed in, before a page is drawn. */
import type { LatchkeyClient, User } from "@latchkey/client";

/**
 * Who is signed in, as soon as that is known; null for nobody. For loaders:
 * `if (!(await userOf(client))) throw redirect("/login")`.
 */
export function userOf(client: LatchkeyClient): Promise<User | null> {
  client.start();
  return new Promise((resolve) => {
    const look = (): void => {
      const state = client.getState();
      if (state.status === "loading") return;
      stop();
      resolve(state.status === "signed_in" ? state.user : null);
    };
    const stop = client.subscribe(look);
    look();
  });
}
