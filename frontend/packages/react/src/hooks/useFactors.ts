"use client";

/** One's own second factor: what there is, setting it up, taking it away. */
import type { components } from "@latchkey/client";
import { useState } from "react";
import { useKept, type Kept } from "../core/kept.js";
import { useSetting } from "../core/setting.js";
import { useAction, type Action } from "./useAction.js";

type Schemas = components["schemas"];

export interface Factors extends Omit<Kept<unknown>, "data"> {
  /** Undefined until they are known. */
  factors: Schemas["FactorsResponse"] | undefined;
  /** A key for an app, not in force before a code of it was confirmed. */
  enrolment: Schemas["EnrolmentResponse"] | null;
  /** Recovery codes that were made just now: they can't be had again. */
  codes: readonly string[] | null;
  begin: Action<[]>;
  confirm: Action<[code: string]>;
  /** Leave setting up; whatever was in force still is. */
  leave: () => void;
  /** It was left, and not begun again. */
  left: boolean;
  renewCodes: Action<[]>;
  /** The codes are kept: show them no more. */
  forgetCodes: () => void;
  remove: Action<[]>;
}

/** What the reader's account is proven with, shared by all who want to know. */
export function useKeptFactors(): Kept<Schemas["FactorsResponse"]> {
  const { client } = useSetting();
  return useKept("factors", () => client.call("GET", "/api/users/me/factors"));
}

/** The reader's app for codes, and recovery codes. */
export function useFactors(): Factors {
  const { client } = useSetting();
  const [enrolment, setEnrolment] = useState<Factors["enrolment"]>(null);
  const [left, setLeft] = useState(false);
  const [codes, setCodes] = useState<Factors["codes"]>(null);
  const { data: factors, ...kept } = useKeptFactors();
  const begin = useAction(async () => {
    setLeft(false);
    setEnrolment(await client.call("POST", "/api/users/me/factors/totp"));
  });
  const confirm = useAction(
    async (code: string) => {
      const body = { enrolment: enrolment?.enrolment ?? "", code };
      const { recovery_codes: made } = await client.call("POST", "/api/users/me/factors/totp/confirm", { body });
      setCodes(made ?? null);
      setEnrolment(null);
      await kept.reload();
    },
    { fields: ["code"], at: { invalid_code: "code" } },
  );
  const renewCodes = useAction(async () => {
    setCodes((await client.call("POST", "/api/users/me/recovery-codes")).recovery_codes);
    await kept.reload();
  });
  const remove = useAction(async () => {
    await client.call("DELETE", "/api/users/me/factors/totp");
    setCodes(null);
    await kept.reload();
  });
  const leave = (): void => {
    confirm.clear();
    setEnrolment(null);
    setLeft(true);
  };
  return {
    ...kept,
    factors,
    enrolment,
    codes,
    begin,
    confirm,
    leave,
    left,
    renewCodes,
    forgetCodes: () => setCodes(null),
    remove,
  };
}

export interface Trusted extends Omit<Kept<unknown>, "data"> {
  /** The one used last first; undefined until they are known. */
  devices: Schemas["TrustedDeviceResponse"][] | undefined;
  /** Ask for the second factor on one of them again; without an id, on all. */
  askAgain: Action<[id?: string]>;
}

/** The devices that aren't asked for the second factor. */
export function useTrusted(): Trusted {
  const { client } = useSetting();
  const { data: devices, ...kept } = useKept("trusted", () => client.call("GET", "/api/users/me/trusted-devices"));
  const askAgain = useAction(async (id?: string) => {
    if (id === undefined) await client.call("DELETE", "/api/users/me/trusted-devices");
    else await client.call("DELETE", "/api/users/me/trusted-devices/{device_id}", { path: { device_id: id } });
    await kept.reload();
  });
  return { ...kept, devices, askAgain };
}
