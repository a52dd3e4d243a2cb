"use client";

/** What all parts inside one `<Latchkey>` share. */
import type { LatchkeyClient, ProblemError } from "@latchkey/client";
import { createContext, useContext, useMemo, type ReactElement } from "react";
import type { Spoken } from "../messages/choose.js";
import type { FirstWord } from "../messages/table.js";
import type { Auth } from "./auth.js";
import type { Asked } from "./options.js";

/** Go to another page; `replace` leaves no way back to this one. */
export type Navigate = (to: string, how: { replace: boolean }) => void;

/** Where the pages of the application are. Without an address, a part shows what would be there in its own place. */
export interface Links {
  signIn?: string;
  signUp?: string;
  forgotPassword?: string;
  /** Where a confirmation e-mail can be asked for again: the page of its link does that, too. */
  verifyEmail?: string;
  /** Where somebody who is signed in is at home. */
  account?: string;
  /** Where they change what is in their account: a page with `<Account/>`, for instance. */
  settings?: string;
  /** For administrators: pages with `<AdminUsers/>` (and all that is below this address) and `<AdminEvents/>`. */
  adminUsers?: string;
  adminEvents?: string;
}

/** What can be given a class of one's own. */
export type Slot =
  | "root"
  | "title"
  | "text"
  | "form"
  | "field"
  | "label"
  | "input"
  | "hint"
  | "error"
  | "button"
  | "link"
  | "links"
  | "notice"
  | "facts"
  | "actions"
  | "dialog"
  | "head"
  | "row"
  | "section"
  | "card"
  | "badge"
  | "list"
  | "item"
  | "icon"
  | "end"
  | "inset"
  | "pager"
  | "codes"
  | "qr"
  | "check"
  | "stack"
  | "skeleton"
  | "tabs"
  | "tab"
  | "user"
  | "who"
  | "avatar"
  | "menu"
  | "filters"
  | "table"
  | "fold";

export type ClassNames = Readonly<Partial<Record<Slot, string>>>;

/** Something that is remembered, and changes nothing that is shown. */
export interface Memory<T> {
  get: () => T;
  set: (value: T) => void;
}

export function memory<T>(value: T): Memory<T> {
  return {
    get: () => value,
    set: (newer) => {
      value = newer;
    },
  };
}

export interface Setting extends Pick<Spoken, "language" | "words" | "endings" | "events"> {
  client: LatchkeyClient;
  asked: Asked;
  links: Links;
  classNames: ClassNames;
  /** Whether the parts have classes of their own, for `styles.css`. */
  styled: boolean;
  go: (to: string, replace?: boolean) => void;
  /** Whether a part has led to another page: its heading takes the focus then. */
  moved: Memory<boolean>;
  /** The address that was typed last, carried from page to page. */
  address: Memory<string>;
  /** What the log-in that was tried last was refused with, if a second step goes on with it. */
  owed: ProblemError | null;
  owe: (refused: ProblemError | null) => void;
  /** Show something over the page, whichever it is; null for nothing any more. */
  show: (over: ReactElement | null) => void;
  /** Who asks to log in again, of all that would: the first. Returns how to withdraw. */
  claim: (one: object) => () => void;
  claimed: object | undefined;
  onTitle: ((title: string, product: string | undefined) => void) | undefined;
}

export const SettingContext = createContext<Setting | null>(null);
export const AuthContext = createContext<Auth | null>(null);

/** What `<Latchkey>` gives to the parts inside. */
export function useSetting(): Setting {
  const setting = useContext(SettingContext);
  if (!setting) throw new Error("This needs a <Latchkey> around it");
  return setting;
}

/** The messages, with those of a part that is loaded when it is needed: `more` is what it says in English. */
export function useWords<More extends object>(
  more: More,
): Readonly<Record<FirstWord, string>> & Readonly<Record<keyof More, string>> {
  const { words } = useSetting();
  return useMemo(() => ({ ...(more as Record<keyof More, string>), ...words }), [more, words]);
}

/** Who is signed in, whether that is known yet, and why somebody no longer is. */
export function useAuth(): Auth {
  const auth = useContext(AuthContext);
  if (!auth) throw new Error("useAuth needs a <Latchkey> around it");
  return auth;
}

/** What the service offers; undefined until it is known, or where it doesn't say. */
export function useOptions(): Asked["options"] {
  return useSetting().asked.options;
}
