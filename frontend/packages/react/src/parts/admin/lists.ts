"use client";

/** The list that somebody looked at last: the page of one of its rows leads back to it, as it was left. */
import type { LatchkeyClient } from "@latchkey/client";
import { useEffect } from "react";
import { useAuth, useSetting } from "../../core/setting.js";

interface List {
  of: "users" | "events";
  /** Its place in its own part. */
  at: string;
}

/** With whose it was: the next one to log in begins anew. */
const lists = new WeakMap<LatchkeyClient, List & { session: string | null }>();

/** This is the list that is looked at, if `on`. */
export function useRemembered(of: List["of"], at: string, on = true): void {
  const { client } = useSetting();
  const { session } = useAuth();
  useEffect(() => {
    if (on) lists.set(client, { of, at, session });
  }, [client, session, of, at, on]);
}

/** Where to go back to; the list of all users, for who has seen none. */
export function useLastList(): List {
  const { client } = useSetting();
  const { session } = useAuth();
  const last = lists.get(client);
  return last?.session === session ? last : { of: "users", at: "" };
}
