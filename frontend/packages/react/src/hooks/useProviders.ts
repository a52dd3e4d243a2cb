"use client";

/** Accounts at other providers: logging in with one, coming back from there, one's own. */
import type { User } from "@latchkey/client";
import {
  finishProvider,
  identities,
  linkProvider,
  linkProviderByPasskey,
  mailProviderLink,
  providerBegun,
  providerHere,
  startProvider,
  unlinkProvider,
  type Finished,
  type Identity,
  type Intent,
  type NotLinked,
} from "@latchkey/client/providers";
import { useEffect, useState } from "react";
import { ownPath } from "../core/back.js";
import { useKept, type Kept } from "../core/kept.js";
import { providersOf, type ProviderWay } from "../core/options.js";
import { useAuth, useSetting } from "../core/setting.js";
import { useAction, type Action } from "./useAction.js";
import { unlessCancelled, useUntilGone } from "./usePasskeys.js";

export type { Identity, NotLinked };

/** What for, and where to go on afterwards: a path of the application. */
export interface Leaving {
  intent?: Intent;
  returnTo?: string | undefined;
}

export interface Providers {
  /** Those that the service names, in its order; empty until they are known. */
  providers: readonly ProviderWay[];
  /** Go to one of them: the page is left. */
  start: Action<[id: string, how?: Leaving]>;
  /** Which one is gone to, or was tried last. */
  to: string | null;
}

/** The address of this page, to come back to. The service takes no longer one. */
export function pathHere(): string | undefined {
  const { pathname, search } = window.location;
  const path = ownPath(pathname + search);
  return path !== null && path.length <= 2000 ? path : undefined;
}

/** Log in with an account at another provider, link one, or show again with it who one is. */
export function useProviders(): Providers {
  const { client, asked } = useSetting();
  const [to, setTo] = useState<string | null>(null);
  const start = useAction((id: string, how?: Leaving) => {
    setTo(id);
    return startProvider(client, id, how);
  });
  return { providers: providersOf(asked), start, to };
}

/** How a provider is called. */
export function useProviderName(id: string | null): string {
  const { providers } = useProviders();
  const known = providers.find((one) => one.id === id)?.name;
  return known ?? (id === null ? "" : id.charAt(0).toUpperCase() + id.slice(1));
}

export interface ProviderReturn {
  /** Which provider has led here, by the page's address; null for none. */
  provider: string | null;
  /** What for; null where this tab doesn't know of it. */
  intent: Intent | null;
  /** Finish it: call this once the page is there. */
  finish: Action<[]>;
  /** It is finished, and nothing is to be shown: leave the page, for `onward`. */
  done: boolean;
  /** Where to go on. */
  onward: string;
  /** What is still to be shown. */
  waiting: NotLinked | null;
  /** Take it that this is what is to be shown now: with another challenge, or to an address that was typed. */
  wait: (waiting: NotLinked) => void;
  /** Begin anew, with the same provider. */
  again: Action<[]>;
}

/** The page that a provider leads back to. A second step that is owed is `useSecondFactor`'s. */
export function useProviderReturn(): ProviderReturn {
  const { client, links } = useSetting();
  const { user, away } = useAuth();
  const [provider] = useState(providerHere);
  const [begun] = useState(() => providerBegun(client));
  const [finished, setFinished] = useState<Finished | null>(null);
  const finish = useAction(async () => {
    const found = await finishProvider(client);
    if (found.status === "linked") tellLinked(found.provider);
    setFinished(found);
  });
  const again = useAction(() => {
    const { intent = "login", returnTo } = begun ?? {};
    return startProvider(client, provider ?? "", { intent, returnTo: returnTo ?? undefined });
  });
  const intent = begun?.intent ?? null;
  const inside = user !== null && !away;
  // Loaded anew after it was done: whoever wanted in is in.
  const already = inside && (intent ?? "login") === "login" && finish.problem?.code === "invalid_grant";
  const waiting = finished?.status === "not_linked" ? finished.waiting : null;
  const home = intent === "link" ? (links.settings ?? links.account) : links.account;
  return {
    provider,
    intent,
    finish,
    done: already || (finished !== null && waiting === null),
    onward: begun?.returnTo ?? waiting?.returnTo ?? home ?? "/",
    waiting,
    wait: (next) => setFinished({ status: "not_linked", waiting: next }),
    again,
  };
}

export interface ProviderLink {
  /** Show that the account is the reader's: they are in, and the provider's account opens it from now on. */
  show: Action<[shown: { password: string } | { code: string } | "passkey"]>;
  /** Have a code sent; to `email`, where the provider says no address. */
  mail: Action<[email?: string]>;
}

/** What is to be shown before an account is linked; `wait` is told of what is to be shown next. */
export function useProviderLink(waiting: NotLinked, wait: (next: NotLinked) => void): ProviderLink {
  const { client } = useSetting();
  const signal = useUntilGone();
  const show = useAction(
    (shown: { password: string } | { code: string } | "passkey"): Promise<User> =>
      shown === "passkey"
        ? unlessCancelled(linkProviderByPasskey(client, waiting, { signal: signal() }))
        : linkProvider(client, waiting, shown),
    {
      fields: ["password", "code"],
      at: { invalid_grant: "password", invalid_code: "code" },
      says: { invalid_grant: "wrongPassword" },
    },
  );
  const mail = useAction(async (email?: string) => wait(await mailProviderLink(client, waiting, email?.trim())), {
    fields: ["email"],
  });
  return { show, mail };
}

export interface Identities extends Omit<Kept<unknown>, "data"> {
  /** Undefined until they are known. */
  identities: readonly Identity[] | undefined;
  /** Providers of which none is linked. */
  others: readonly ProviderWay[];
  /** Link one: the page is left, and comes back. */
  link: Action<[provider: string]>;
  /** Which provider was linked just now, on the way back to this page. */
  linked: string | null;
  unlink: Action<[id: string]>;
}

/** The reader's accounts at other providers. */
export function useIdentities(): Identities {
  const { client } = useSetting();
  const { providers, start } = useProviders();
  const { data, ...kept } = useKept("identities", () => identities(client));
  const [linked] = useState(toldLinked);
  useEffect(() => tellLinked(null), []);
  const unlink = useAction(async (id: string) => {
    await unlinkProvider(client, id);
    await kept.reload();
  });
  return {
    ...kept,
    identities: data,
    others: providers.filter(({ id }) => !data?.some((one) => one.provider === id)),
    link: { ...start, submit: (id) => start.submit(id, { intent: "link", returnTo: pathHere() }) },
    linked,
    unlink,
  };
}

/** What the next page says, in this tab. */
const LINKED = "latchkey.linked";

function tellLinked(provider: string | null): void {
  try {
    if (provider === null) sessionStorage.removeItem(LINKED);
    else sessionStorage.setItem(LINKED, provider);
  } catch {
    // Then it isn't said: the list shows it.
  }
}

function toldLinked(): string | null {
  try {
    return sessionStorage.getItem(LINKED);
  } catch {
    return null;
  }
}
