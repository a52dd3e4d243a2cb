"use client";

/** One's own account: what the parts for whoever is signed in do, for those who draw their own. */
import type { components, User } from "@latchkey/client";
import { useState } from "react";
import { useKept, type Kept } from "../core/kept.js";
import { loaded } from "../core/late.js";
import { useAuth, useSetting } from "../core/setting.js";
import { useAction, type Action } from "./useAction.js";
import { useResend, type Asking } from "./useLetter.js";

type Schemas = components["schemas"];

/** A device that is logged in. */
export type Device = Schemas["SessionResponse"];

/** Something that happened to the account. */
export type AccountEvent = Schemas["EventResponse"];

export interface Profile {
  user: User | null;
  /** Another name; an empty one takes it away. */
  rename: Action<[name: string]>;
  /** Ask for another address: it changes when the link that is sent to it is used. */
  changeEmail: Asking;
  /** Have the confirmation of the address sent once more. */
  resend: Asking;
}

/** The reader's name and address. */
export function useProfile(): Profile {
  const { client } = useSetting();
  const { user } = useAuth();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const rename = useAction(
    async (name: string) => {
      await client.call("PUT", "/api/users/me", { body: { full_name: name.trim() || null } });
      await client.reload();
    },
    { fields: ["full_name"] },
  );
  const changeEmail = useAction(
    async (email: string) => {
      const address = email.trim();
      await client.call("POST", "/api/users/me/email", { body: { email: address } });
      setSentTo(address);
    },
    { fields: ["email"], at: { email_taken: "email" } },
  );
  return { user, rename, changeEmail: { ...changeEmail, sentTo }, resend: useResend() };
}

/** Set a new password. It logs all other devices out, and keeps this one. */
export function usePassword(): Action<[password: string]> {
  const { client } = useSetting();
  return useAction((password: string) => client.call("PUT", "/api/users/me", { body: { password } }), {
    fields: ["password"],
  });
}

export interface Devices extends Omit<Kept<Device[]>, "data"> {
  /** The one used last first; undefined until they are known. */
  devices: Device[] | undefined;
  /** Log one of them out; its own id logs this one out. */
  end: Action<[id: string]>;
  endOthers: Action<[]>;
  /** Log all out, this one too. */
  endAll: Action<[]>;
}

/** The devices that are logged in to the account. */
export function useDevices(): Devices {
  const { client } = useSetting();
  const { data: devices, ...kept } = useKept("sessions", () => client.call("GET", "/api/sessions"));
  const end = useAction(async (id: string) => {
    if (devices?.some((device) => device.current && device.id === id)) {
      await client.logout();
    } else {
      await client.call("DELETE", "/api/sessions/{session_id}", { path: { session_id: id } });
      await kept.reload();
    }
  });
  const endOthers = useAction(async () => {
    await client.call("DELETE", "/api/sessions");
    await kept.reload();
  });
  const endAll = useAction(() => client.logout({ everywhere: true }));
  return { ...kept, devices, end, endOthers, endAll };
}

export interface Activity extends Omit<Kept<unknown>, "data"> {
  /** The newest first; undefined until they are known. */
  events: AccountEvent[] | undefined;
  /** The page's number, from 1. */
  page: number;
  /** Null on the last page. */
  forward: (() => void) | null;
  /** Null on the first page. */
  back: (() => void) | null;
}

/** What happened to the account, in pages. */
export function useActivity(limit = 20): Activity {
  const { client } = useSetting();
  // Cursors lead forward only: the way back is remembered.
  const [cursors, setCursors] = useState<string[]>([]);
  const after = cursors.at(-1) ?? null;
  const { data, ...kept } = useKept(`events ${limit} ${after ?? ""}`, () =>
    client.page("/api/users/me/events", { query: { limit, after } }),
  );
  const next = data?.next ?? null;
  return {
    ...kept,
    events: data?.items,
    page: cursors.length + 1,
    forward: next === null ? null : () => setCursors([...cursors, next]),
    back: cursors.length === 0 ? null : () => setCursors(cursors.slice(0, -1)),
  };
}

export interface Data {
  /** Have a copy of everything: a file is handed over. */
  copy: Action<[]>;
  /** Delete the account, at once and for good. */
  remove: Action<[]>;
}

/** What the service knows about the reader: to be taken along, or deleted. */
export function useData(): Data {
  const { client, asked } = useSetting();
  const copy = useAction(async () => {
    const copied = await client.call("GET", "/api/users/me/export");
    const { download } = await loaded(() => import("../core/download.js"));
    download(asked.options, "export.json", JSON.stringify(copied, null, 2));
  });
  const remove = useAction(async () => {
    await client.call("DELETE", "/api/users/me");
    // The session is gone with the account: asking is how this and all other tabs find out.
    await client.reload().catch(() => undefined);
  });
  return { copy, remove };
}
