"use client";

/** What letters are for: asking for one, and what their links lead to. */
import { useLetterToken } from "@latchkey/client/react";
import { useState } from "react";
import { useAuth, useSetting } from "../core/setting.js";
import { useAction, type Action } from "./useAction.js";

/** A letter that was asked for. */
export interface Asking extends Action<[email: string]> {
  /** To which address; null as long as it wasn't. */
  sentTo: string | null;
}

function useAsking(path: "/api/auth/password/forgot" | "/api/auth/email/verify/resend"): Asking {
  const { client } = useSetting();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const action = useAction(
    async (email: string) => {
      const address = email.trim();
      await client.open("POST", path, { body: { email: address } });
      setSentTo(address);
    },
    { fields: ["email"] },
  );
  return { ...action, sentTo };
}

/** Ask for a link that sets a new password. The answer never tells whether there is such an account. */
export function useForgotPassword(): Asking {
  return useAsking("/api/auth/password/forgot");
}

/** Ask for the confirmation of an address once more. The answer never tells whether it waits for one. */
export function useResend(): Asking {
  return useAsking("/api/auth/email/verify/resend");
}

/** What the link of a letter is for. */
export type LetterKind = keyof typeof SPENT_AT;

const SPENT_AT = {
  verify: "email/verify",
  reset: "password/reset",
  confirm: "email/confirm",
  undo: "email/undo",
  recover: "second-factor/recovery/confirm",
  keep: "second-factor/recovery/cancel",
} as const;

/** Who is there, besides having the mailbox: only for `verify` and `reset`. */
export type Proof = { password: string } | { new_password: string };

export interface Letter extends Action<[proof?: Proof]> {
  /** Whether there is a link, and it is good for all that is known. */
  good: boolean;
  /** It has done what it is for. */
  done: boolean;
  /** Of `recover`, once it is done: when the second factor is taken away. */
  at: string | undefined;
}

/**
 * The link of a letter that led to this page. `submit` spends it: call that from a press, never when the page loads, for
 * programs look into mail before people do. `typed` is the code that the letter shows beside its link, in place of that.
 */
export function useLetter(kind: LetterKind, typed?: string): Letter {
  const { client } = useSetting();
  const { user } = useAuth();
  const [link, forget] = useLetterToken();
  const token = typed ?? link;
  const [done, setDone] = useState<{ at?: string }>();
  const action = useAction(
    async (proof?: Proof) => {
      // Each of these calls takes what it is shown here, and one of them answers.
      const given = kind === "reset" ? { password: Object.values(proof ?? {})[0] } : proof;
      const body = { token: token ?? "", ...given } as { token: string; password: string };
      const answer = (await client.open("POST", `/api/auth/${SPENT_AT[kind]}`, { body })) as
        { at?: string } | undefined;
      forget();
      setDone(answer ?? {});
      // Whoever is signed in may have another address now, or be signed out: not knowing which is no failure of the link.
      if (user) await client.reload().catch(() => undefined);
    },
    {
      fields: ["password", "new_password"],
      at: { invalid_grant: "password" },
      says: { invalid_grant: "wrongPassword" },
    },
  );
  const code = action.problem?.code;
  // Where nothing but the token is sent, it is what can't be accepted.
  const dead = code === "invalid_token" || (code === "validation_error" && kind !== "verify" && kind !== "reset");
  return { ...action, good: token !== null && !dead, done: !!done, at: done?.at };
}
