/**
 * `@latchkey/client/providers`: log in with an account at another provider, link one, take it away. Nothing here is drawn.
 *
 * The browser goes to the provider, and comes back to another page, so there are two halves: `startProvider` behind a button,
 * `finishProvider` on the page `/login/callback/<provider>`. A secret of this tab binds them, and no cookie: what was begun in
 * another browser opens nothing here.
 *
 * Rejects as all calls do, and besides with a `ProblemError` of its own: `provider_cancelled`, when the reader has called it
 * off at the provider, and `nothing_kept`, when this browser keeps nothing for the page.
 */
import type { LatchkeyClient } from "./client.js";
import { isPassing, ProblemError } from "./problem.js";
import type { Answer } from "./request.js";
import type { User } from "./state.js";
import { pause } from "./within.js";
import type { ShownPasskey } from "./webauthn.js";

const START = "/api/auth/providers/{provider}/start";
const FINISH = "/api/auth/providers/{provider}/finish";
const IDENTITIES = "/api/users/me/identities";

/** What somebody goes to a provider for: to log in, to link the account there, or to show again who they are. */
export type Intent = "login" | "link" | "reauthenticate";

export interface Start {
  intent?: Intent;
  /** Where to go on afterwards: a path of the application. */
  returnTo?: string | undefined;
  /** How one leaves the page; without it, as a link does. */
  go?: (url: string) => void;
}

/** What was begun in this tab. */
export interface Begun {
  provider: string;
  intent: Intent;
  returnTo: string | null;
}

/** An account at a provider that opens no account here yet: one of `methods` has to be shown, the likeliest first. */
export interface NotLinked {
  provider: string;
  challenge: string;
  methods: readonly string[];
  /** Which address it is about; null where the provider says none, and it has to be asked for. */
  email: string | null;
  returnTo: string | null;
  /** To which address a code was sent; null where none was. */
  sentTo: string | null;
}

/** How it ended: with somebody logged in, an account linked, a session that is fresh; or with something to be shown first. */
export type Finished =
  | { status: "signed_in"; user: User; returnTo: string | null }
  | { status: "linked" | "fresh"; provider: string; returnTo: string | null }
  | { status: "not_linked"; waiting: NotLinked };

/** An account at a provider that opens this one. */
export type Identity = Answer<typeof IDENTITIES, "GET">[number];

/** In this tab alone. */
const KEPT = "latchkey.provider";
/** In this entry of the history: a page that telephones load anew still has it, and the address bar never. */
const ENTRY = "latchkeyProvider";
/** What providers say when somebody has called it off: RFC 6749 (4.1.2.1), OpenID Connect Core (3.1.2.6), Apple. */
const CANCELLED = [
  "access_denied",
  "consent_required",
  "interaction_required",
  "login_required",
  "user_cancelled_authorize",
];
/** Milliseconds after which a page that was to be left, and is still there, can be used again. */
const GONE_WITHIN = 10_000;

interface Kept extends Begun {
  flow: string;
  /** Where the service is that was asked: there may be several in one page. */
  at: string;
}

/** What a provider's answer says, in the members of the service's call; or what is still to be shown. */
interface Entry {
  provider: string;
  said?: Partial<Record<"code" | "state" | "iss" | "user" | "error", string>>;
  waiting?: NotLinked;
}

/** Send the browser to a provider. Resolves when the page is back, or is still there after a while; rejects with `not_found`, and `provider_failed` where it is away. */
export async function startProvider(
  client: LatchkeyClient,
  provider: string,
  { intent = "login", returnTo, go = (url) => window.location.assign(url) }: Start = {},
): Promise<void> {
  const body = { intent, ...(returnTo !== undefined && { return_to: returnTo }) };
  const input = { path: { provider }, body };
  const { url, flow } = await (intent === "login"
    ? client.open("POST", START, input)
    : client.call("POST", START, input));
  const kept: Kept = { provider, intent, returnTo: returnTo ?? null, flow, at: client.baseUrl };
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  } catch (cause) {
    throw Object.assign(new ProblemError(400, "nothing_kept", "This browser keeps nothing for this page."), { cause });
  }
  const back = new Promise<void>((resolve) => {
    const look = ({ persisted }: PageTransitionEvent): void => {
      if (!persisted) return;
      removeEventListener("pageshow", look);
      resolve();
    };
    addEventListener("pageshow", look);
  });
  go(url);
  await Promise.race([back, pause(GONE_WITHIN)]);
}

/** Which provider this page belongs to, by its address; null where it is no page that providers lead back to. */
export function providerHere(): string | null {
  return /\/login\/callback\/([a-z][a-z0-9]*)\/?$/.exec(window.location.pathname)?.[1] ?? null;
}

/** What was begun with `client` in this tab, and not finished; null without anything. */
export function providerBegun(client: LatchkeyClient): Begun | null {
  return kept(client);
}

/** Forget what was begun: once it has led where it was to lead. */
export function forgetProvider(): void {
  try {
    sessionStorage.removeItem(KEPT);
  } catch {
    // Nothing was kept.
  }
  remember(undefined);
}

/** A path of the application, and nothing that browsers take for another site's: they skip tabs and line feeds in addresses. */
const OWN = /^\/(?!\/)[^\\\p{Cc}]*$/u;

/** Anything may be in a storage. */
function kept({ baseUrl }: LatchkeyClient): Kept | null {
  try {
    const begun = JSON.parse(sessionStorage.getItem(KEPT) ?? "") as Kept;
    const returnTo = begun.returnTo !== null && OWN.test(begun.returnTo) ? begun.returnTo : null;
    return begun.at === baseUrl && typeof begun.flow === "string" ? { ...begun, returnTo } : null;
  } catch {
    return null;
  }
}

/** Take what the provider's answer says out of the address bar, at once. What was taken before is still known. */
export function takeProviderAnswer(): void {
  const provider = typeof document === "undefined" ? null : providerHere();
  if (provider === null) return;
  const { search, hash } = window.location;
  // Apple's answer comes by the service, in the fragment.
  for (const text of [search, hash.slice(1)]) {
    const given = new URLSearchParams(text);
    if (!given.has("state") && !given.has("error")) continue;
    const said: Entry["said"] = {};
    for (const name of ["code", "state", "iss", "user", "error"] as const) {
      const value = given.get(name);
      if (value !== null) said[name] = value;
    }
    remember({ provider, said }, window.location.pathname);
  }
}

function remember(entry: Entry | undefined, address?: string): void {
  const state = { ...(window.history.state as object | null), [ENTRY]: entry };
  window.history.replaceState(state, "", address);
}

function remembered(): Entry | undefined {
  return (window.history.state as { [ENTRY]?: Entry } | null)?.[ENTRY];
}

let running: { client: LatchkeyClient; what: string; done: Promise<Finished> } | undefined;

/**
 * Finish what was begun, on the page that the provider has led back to: once, however often it is called, and where the page
 * is loaded anew meanwhile.
 *
 * Rejects with `second_factor_required` and `enrolment_required` as all log-ins do; with `invalid_grant` where the answer is
 * spent, too old, or of another browser; `already_linked`, `forbidden` (no accounts are made so), `provider_failed`.
 */
export function finishProvider(client: LatchkeyClient): Promise<Finished> {
  takeProviderAnswer();
  const entry = remembered();
  const what = JSON.stringify(entry ?? null);
  if (running?.client !== client || running.what !== what) {
    const done = finish(client, entry);
    running = { client, what, done };
    // What couldn't be asked may be asked again.
    done.catch(() => (running = undefined));
  }
  return running.done;
}

async function finish(client: LatchkeyClient, entry: Entry | undefined): Promise<Finished> {
  if (entry?.waiting) return { status: "not_linked", waiting: entry.waiting };
  const begun = kept(client);
  const { code, state, error, ...rest } = entry?.said ?? {};
  try {
    if (error !== undefined) {
      const cancelled = CANCELLED.includes(error);
      throw new ProblemError(400, cancelled ? "provider_cancelled" : "provider_failed", error);
    }
    if (!begun || begun.provider !== entry?.provider || code === undefined || state === undefined) {
      throw new ProblemError(400, "invalid_grant", "This was begun elsewhere, or is over.");
    }
    return await shown(client, begun, { code, state, ...rest, flow: begun.flow });
  } catch (problem) {
    const { code: why, more } = problem as Partial<ProblemError>;
    // It can be shown once more: where something was away, the service has put it back.
    if (isPassing(problem)) throw problem;
    if (why !== "account_not_linked" || !begun) {
      remember(undefined);
      throw problem;
    }
    const { provider, returnTo } = begun;
    const { methods } = problem as ProblemError;
    const waiting = { provider, challenge: more?.challenge ?? "", methods, email: more?.email ?? null, returnTo };
    return wait({ ...waiting, sentTo: null });
  }
}

async function shown(
  client: LatchkeyClient,
  { provider, intent, returnTo }: Begun,
  body: { code: string; state: string; flow: string; iss?: string; user?: string },
): Promise<Finished> {
  if (intent === "login") {
    const user = await client.enter(FINISH, body, undefined, { provider });
    forgetProvider();
    return { status: "signed_in", user, returnTo };
  }
  await client.call("POST", FINISH, { path: { provider }, body });
  forgetProvider();
  return { status: intent === "link" ? "linked" : "fresh", provider, returnTo };
}

function wait(waiting: NotLinked): Extract<Finished, { status: "not_linked" }> {
  remember({ provider: waiting.provider, waiting });
  return { status: "not_linked", waiting };
}

/**
 * Show whose account it is, with `challenge` of what isn't linked: logs in, and links. Rejects as logging in does, with
 * `invalid_challenge` when it is over, and with `already_linked`.
 */
export async function linkProvider(
  client: LatchkeyClient,
  { challenge }: Pick<NotLinked, "challenge">,
  shown: { password: string } | { code: string } | { passkey: ShownPasskey },
): Promise<User> {
  const user = await client.enter("/api/auth/providers/link", { challenge, ...shown });
  forgetProvider();
  return user;
}

/** The same with a passkey, where `methods` has `passkey`. */
export async function linkProviderByPasskey(
  client: LatchkeyClient,
  { challenge }: Pick<NotLinked, "challenge">,
  how: { signal?: AbortSignal | undefined } = {},
): Promise<User> {
  const options = await client.open("POST", "/api/auth/providers/link/options", { body: { challenge }, ...how });
  const { getPasskey } = await import("./webauthn.js");
  return linkProvider(client, { challenge }, { passkey: await getPasskey(options, how.signal) });
}

/** Have a code sent to the address; to `email`, where the provider says none. Gives what to go on with: show it the code. */
export async function mailProviderLink(
  client: LatchkeyClient,
  waiting: NotLinked,
  email = waiting.email ?? "",
): Promise<NotLinked> {
  const body = { challenge: waiting.challenge, ...(waiting.email === null && { email }) };
  const { challenge } = await client.open("POST", "/api/auth/providers/link/mail", { body });
  return wait({ ...waiting, challenge, sentTo: email }).waiting;
}

/** The accounts at providers that open this one. */
export function identities(client: LatchkeyClient): Promise<Identity[]> {
  return client.call("GET", IDENTITIES);
}

/** Take one of them away. Rejects with `last_way_in` where nobody could log in any more. */
export async function unlinkProvider(client: LatchkeyClient, id: string): Promise<void> {
  await client.call("DELETE", `${IDENTITIES}/{identity_id}`, { path: { identity_id: id } });
}
