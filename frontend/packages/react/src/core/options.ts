"use client";

/** What the service offers, asked once and shared by all parts. */
import { isPassing, type LatchkeyClient } from "@latchkey/client";
import { useEffect, useState } from "react";

/** A way to log in. Those of a later version have a `kind` that isn't known here, and are left out. */
export interface Way {
  kind: string;
}

/** By mail: with a code, with a link; `registers` if an address without an account gets one. */
export interface MailWay extends Way {
  kind: "mail";
  code: boolean;
  link: boolean;
  registers: boolean;
}

/** `GET /api/auth/options`. */
export interface Options {
  /** The product's name. */
  name: string;
  /** Who may create an account: everybody, everybody with a letter, nobody. */
  registration: "open" | "by_mail" | "closed";
  /** Whether an address has to be confirmed before its owner can log in. */
  confirm_email: boolean;
  password: { min_length: number; max_length: number };
  ways: Way[];
  languages: string[];
}

/** What is known of the options: nothing yet; them; or that there are none to be had. */
export interface Asked {
  options: Options | undefined;
  settled: boolean;
}

const UNKNOWN: Asked = { options: undefined, settled: false };
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 30_000;

/** Ask `client` for the options; again and again while the service is away. */
export function useOptionsOf(client: LatchkeyClient): Asked {
  const [asked, setAsked] = useState(UNKNOWN);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const control = new AbortController();
    const ask = async (wait: number): Promise<void> => {
      try {
        const options = await read(client, control.signal);
        if (!control.signal.aborted) setAsked({ options, settled: true });
      } catch (error) {
        if (control.signal.aborted) return;
        if (isPassing(error)) timer = setTimeout(() => void ask(Math.min(wait * 2, LONGEST_WAIT)), wait);
        else setAsked({ options: undefined, settled: true }); // a service of before there were any
      }
    };
    void ask(FIRST_WAIT);
    return () => {
      control.abort();
      clearTimeout(timer);
    };
  }, [client]);
  return asked;
}

function read(client: LatchkeyClient, signal: AbortSignal): Promise<Options> {
  const open = client.open.bind(client) as unknown as (
    method: "GET",
    path: string,
    input: { signal: AbortSignal },
  ) => Promise<Options>;
  return open("GET", "/api/auth/options", { signal });
}

/** Whether one can log in with a password: also where the service doesn't say. */
export function hasPassword({ options }: Asked): boolean {
  return options?.ways.some(({ kind }) => kind === "password") ?? true;
}

/** How one can log in by mail, if one can. */
export function mailWayOf({ options }: Asked): MailWay | undefined {
  return options?.ways.find((way): way is MailWay => way.kind === "mail");
}
