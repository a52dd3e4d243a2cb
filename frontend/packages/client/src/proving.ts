/** Sends what a client sends, with a proof where one is wanted (RFC 9449). */
import type { Keychain } from "./keychain.js";
import { prove, type ProofKey } from "./proofs.js";
import { tokenOf } from "./token.js";

/** The header of a proof. Empty it is the client's own mark, on what opens a session, goes on with one or ends it. */
export const PROOF = "DPoP";
/** Clocks that are no further apart than this are as one: the service allows for a minute. */
const ALIKE = 10_000;

/** What is known of an origin. */
interface Known {
  nonce?: string | undefined;
  ahead: number;
}

/** `send`, with proofs by these `keys`. `unbound` hears of a log-in that goes on without. */
export function proving(send: typeof fetch, keys: Keychain, unbound: () => void): typeof fetch {
  const others = new Map<string, Known>();

  return async (input, init = {}) => {
    const request = input instanceof Request ? input : null;
    const { location } = globalThis as { location?: Location };
    const { origin, pathname } = new URL(request?.url ?? (input as string | URL), location?.href);
    const headers = new Headers(init.headers ?? request?.headers);
    const marked = headers.has(PROOF);
    headers.delete(PROOF);
    const token = /^Bearer (.+)/.exec(headers.get("Authorization") ?? "")?.[1];
    const door = marked && !token;
    const refreshes = door && pathname.endsWith("/refresh");
    const once = () => send(request?.clone() ?? input, { ...init, headers });

    const keyFor = async (): Promise<ProofKey | undefined> => {
      // Whoever has found a token may have its session ended: that wants no proof.
      if (marked && pathname.endsWith("/logout")) return undefined;
      if (token) return keys.of(bindingOf(token));
      if (refreshes) return keys.current();
      if (!door) return undefined;
      const key = await keys.next();
      if (!key) unbound();
      return key;
    };
    const key = await keyFor();
    if (!key) return once();

    const known = others.get(origin) ?? { ahead: 0 };
    others.set(origin, known);
    const method = (init.method ?? request?.method ?? "GET").toUpperCase();
    if (token) headers.set("Authorization", `DPoP ${token}`);
    const heard = new Set<string>();
    for (;;) {
      const { nonce, ahead } = known;
      headers.set(PROOF, await prove(key, { method, address: origin + pathname, nonce, ahead, token }));
      const response = await once();
      known.nonce = response.headers.get("DPoP-Nonce") ?? known.nonce;
      const wrong = await complaintOf(response, door);
      if (!wrong || heard.has(wrong)) {
        if (door && response.ok && (await bindingIn(response)) === key.jkt)
          await (refreshes ? keys.mend(key) : keys.take(key));
        return response;
      }
      // Once more for each: with what it wants to see signed, and by its clock.
      heard.add(wrong);
      const apart = Date.parse(response.headers.get("Date") ?? "") - Date.now();
      known.ahead = Math.abs(apart) > ALIKE ? apart : 0;
    }
  };
}

/** What is wrong with the proof of a request, by its answer: in the body where tokens are asked for, else in a header. */
async function complaintOf(response: Response, door: boolean): Promise<string | undefined> {
  if (response.status !== (door ? 400 : 401)) return undefined;
  const said = door ? await response.clone().text() : response.headers.get("WWW-Authenticate");
  return /use_dpop_nonce|invalid_dpop_proof/.exec(said ?? "")?.[0];
}

/** To which key an access token is bound, if it is to one. */
function bindingOf(token: string): string | undefined {
  return (tokenOf(token, 0) as { cnf?: { jkt?: string } }).cnf?.jkt;
}

async function bindingIn(answer: Response): Promise<string | undefined> {
  const said = (await answer
    .clone()
    .json()
    .catch(() => null)) as { access_token?: string } | null;
  return bindingOf(said?.access_token ?? "");
}
