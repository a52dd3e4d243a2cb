/** Logging in by mail, for React: what a log-in page needs, and what has to outlive its being loaded again. */
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { LatchkeyClient } from "./client.js";
import { ProblemError } from "./problem.js";
import type { components } from "./schema.js";
import type { User } from "./state.js";

export type MailOffer = components["schemas"]["OfferResponse"];
export type MailAsked = components["schemas"]["AskedResponse"];

export interface MailLogin {
  /** Whether the service lets people in by mail, and with what; undefined until that is known. */
  offer: MailOffer | undefined;
  /** To which address a letter was asked for in this tab; null when none was, or that log-in is over. */
  email: string | null;
  /** Ask for a letter. The answer never tells whether the address has an account. */
  start: (email: string) => Promise<void>;
  /** Log in with the letter's code. Rejects with `invalid_code`, or `invalid_challenge`: then it is over. */
  finish: (code: string) => Promise<User>;
  /** Who asked for a link: to be shown before it is pressed. It uses nothing up. */
  look: (token: string) => Promise<MailAsked>;
  /** Log in with a link: call it from a press, never when the page loads. */
  press: (token: string) => Promise<User>;
  /** Forget the letter, to ask for another one. */
  cancel: () => void;
}

interface Begun {
  email: string;
  challenge: string;
  until: number;
  /** Where the service is that was asked: there may be several in one page. */
  at?: string;
}

/** In this tab alone: a code works in no other browser, and who closes the tab begins again. */
const KEPT = "latchkey.mail";
const listeners = new Set<() => void>();
/** Where the browser keeps nothing for us, the page does. */
let beside: string | null = null;

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEPT) ?? beside;
  } catch {
    return beside;
  }
}

function keep(begun: Begun | null): void {
  const text = begun && JSON.stringify(begun);
  beside = null;
  try {
    if (text === null) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, text);
  } catch {
    beside = text;
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What was begun with `client`, if `text` says so: anything may be in a storage. */
function read(text: string | null, { baseUrl }: LatchkeyClient): Begun | null {
  try {
    const begun = JSON.parse(text ?? "") as Begun;
    return begun.until > Date.now() && (begun.at ?? baseUrl) === baseUrl ? begun : null;
  } catch {
    return null;
  }
}

/** Log in by mail, with `client`. What it offers is asked for, unless it is known already (or unknown, and not wanted: null). */
export function useMailLoginOf(client: LatchkeyClient, known?: MailOffer | null): MailLogin {
  const [asked, setAsked] = useState<MailOffer>();
  const ask = known === undefined;
  const text = useSyncExternalStore(subscribe, stored, () => null);

  useEffect(() => {
    if (!ask) return undefined;
    const control = new AbortController();
    client.open("GET", "/api/auth/email", { signal: control.signal }).then(
      (found) => !control.signal.aborted && setAsked(found),
      () => undefined, // what isn't known isn't offered
    );
    return () => control.abort();
  }, [client, ask]);

  const start = useCallback(
    async (email: string) => {
      const { challenge, expires_in } = await client.open("POST", "/api/auth/email/start", { body: { email } });
      keep({ email, challenge, until: Date.now() + expires_in * 1000, at: client.baseUrl });
    },
    [client],
  );
  const finish = useCallback(
    async (code: string) => {
      try {
        const user = await client.loginByMail({ challenge: read(stored(), client)?.challenge ?? "none", code });
        keep(null);
        return user;
      } catch (error) {
        // It is over, or it has done its part: a second step goes on with another challenge.
        if (error instanceof ProblemError && (error.code === "invalid_challenge" || error.more.challenge)) keep(null);
        throw error;
      }
    },
    [client],
  );
  const look = useCallback(
    (token: string) => client.open("POST", "/api/auth/email/look", { body: { token } }),
    [client],
  );
  const press = useCallback((token: string) => client.loginByMail({ token }), [client]);
  const cancel = useCallback(() => keep(null), []);
  return { offer: known ?? asked, email: read(text, client)?.email ?? null, start, finish, look, press, cancel };
}
