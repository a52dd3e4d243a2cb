import { isPassing, type LatchkeyClient } from "@latchkey/client";
import { QueryClient } from "@tanstack/react-query";

/** A cache that tries again only what may pass, and forgets what it has when another user comes, or none is left. */
export function queriesOf(client: LatchkeyClient): QueryClient {
  const queries = new QueryClient({
    defaultOptions: { queries: { retry: (failures, error) => failures < 3 && isPassing(error) } },
  });
  const user = () => {
    const state = client.getState();
    return state.status === "signed_in" ? state.user.id : null;
  };
  let whose = user();
  client.subscribe(() => {
    if (whose !== null && user() !== whose) queries.clear();
    whose = user();
  });
  return queries;
}
