/** The token of a link from a letter. It comes in the fragment, which no server and no Referer header ever sees. */
import { useEffect, useState } from "react";

/** Read `#token=…` once, and take it out of the address bar, so that it doesn't stay in the history either. */
export function useFragmentToken(): string | null {
  const [token] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get("token"));
  useEffect(() => {
    if (window.location.hash) {
      window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
    }
  }, []);
  return token === "" ? null : token;
}
