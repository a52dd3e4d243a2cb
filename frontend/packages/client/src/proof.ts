/**
 * Sessions whose tokens are worth nothing elsewhere: they are bound to a key that this browser can't give away (DPoP,
 * RFC 9449). For pages that can't use cookies; with cookies, browsers bind sessions by themselves.
 */
import type { Keeper } from "./keeper.js";
import { Keychain } from "./keychain.js";
import { nameOf } from "./names.js";
import type { Options } from "./options.js";
import { PROOF, proving } from "./proving.js";

declare const process: { env: { NODE_ENV?: string } };

const NO_KEY = "This session is bound to no key: WebCrypto and IndexedDB keep none here.";
const COOKIES = "`proof` does nothing in cookie mode: browsers bind such sessions by themselves.";

/**
 * What to give as `proof`: log-ins bind their session wherever a key can be kept, and go on as ever where it can't.
 *
 * A key can be kept where there are WebCrypto and IndexedDB: on https and `localhost`. With a `keeper` of cookies it does
 * nothing. While developing, the console is told once where a session isn't bound.
 */
export function auto(): (options: Options) => Options {
  return (options) => {
    const { keeper, fetch: own, name, baseUrl = "", host } = options;
    const cookies = !keeper || "X-Session-Transport" in keeper.headers;
    if (cookies || !possible()) {
      // Nobody logs in where a page is only rendered.
      if (host || typeof document !== "undefined") say(cookies ? COOKIES : NO_KEY);
      return options;
    }
    const keys = new Keychain(nameOf(name, baseUrl.replace(/\/+$/, "")));
    const send: typeof fetch = (input, init) => (own ?? fetch)(input, init);
    return { ...options, fetch: proving(send, keys, () => say(NO_KEY)), keeper: following(keeper, keys) };
  };
}

function possible(): boolean {
  try {
    // The types don't know pages without TLS. Some browsers throw at the mere name, where storage is forbidden.
    return [(crypto as Partial<Crypto>).subtle, indexedDB].every(Boolean);
  } catch {
    return false;
  }
}

/** `keeper`, whose calls are marked as those that want a proof, and which lets go of the key with the token. */
function following(keeper: Keeper, keys: Keychain): Keeper {
  const forget = () => {
    keeper.forget();
    keys.drop();
  };
  const instead = { headers: { ...keeper.headers, [PROOF]: "" }, forget };
  return new Proxy(keeper, {
    get: (target, name) => {
      if (Object.hasOwn(instead, name)) return Reflect.get(instead, name) as unknown;
      const found: unknown = Reflect.get(target, name);
      return typeof found === "function" ? (found.bind(target) as unknown) : found;
    },
  });
}

let said = false;

/** Tell whoever develops, once in a page. */
function say(what: string): void {
  let production = false;
  try {
    production = process.env.NODE_ENV === "production"; // bundlers put the word in its place
  } catch {
    // A page that nobody has bundled.
  }
  if (!production && !said) console.warn(what);
  said = true;
}
