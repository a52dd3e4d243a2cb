"use client";

/** What the service offers, asked once and shared by all parts. */
import { isPassing, type components, type LatchkeyClient } from "@latchkey/client";
import { useEffect, useState } from "react";

/** `GET /api/auth/options`. */
export type Options = components["schemas"]["OptionsResponse"];

/** A way to log in. Those of a later version have a `kind` that isn't known here, and are left out. */
export type Way = Options["ways"][number];

/** By mail: with a code, with a link; `registers` if an address without an account gets one. */
export interface MailWay extends Way {
  kind: "mail";
  code: boolean;
  link: boolean;
  registers: boolean;
}

/** With an account at another provider; `registers` if one that opens no account here gets a new one. */
export interface ProviderWay extends Way {
  kind: "provider";
  id: string;
  /** What people call it: "Google". */
  name: string;
  /** Whose it is: `google`, `github`, `microsoft`, `apple`, or `openid` for any other. */
  brand: string;
  registers: boolean;
}

/** Whether a second step can be set up, and devices be trusted, as far as the service says so. */
export function secondFactorOf({ options }: Asked): Partial<Options["second_factor"]> {
  return (options as Partial<Options> | undefined)?.second_factor ?? {};
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
        const options = await client.open("GET", "/api/auth/options", { signal: control.signal });
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

/** Whether one can log in with a password: also where the service doesn't say. */
export function hasPassword({ options }: Asked): boolean {
  return options?.ways.some(({ kind }) => kind === "password") ?? true;
}

/** Whether one can log in with a passkey alone, in this browser; or, `registering`, get an account with one. */
export function hasPasskey({ options }: Asked, registering?: boolean): boolean {
  return (
    typeof PublicKeyCredential !== "undefined" &&
    !!options?.ways.some(({ kind, registers }) => kind === "passkey" && (!registering || registers))
  );
}

/** The providers one can log in with, as the service orders them; or, `registering`, get an account with. */
export function providersOf({ options }: Asked, registering?: boolean): ProviderWay[] {
  return (options?.ways ?? []).filter(
    (way): way is ProviderWay => way.kind === "provider" && (!registering || way.registers === true),
  );
}

/** Those that can say that somebody has logged in there just now: others are no way to show again who one is. */
export function provingFresh(asked: Asked): ProviderWay[] {
  return providersOf(asked).filter(({ brand }) => brand === "openid" || brand === "microsoft");
}

/** How one can log in by mail, if one can. */
export function mailWayOf({ options }: Asked): MailWay | undefined {
  return options?.ways.find((way): way is MailWay => way.kind === "mail");
}
