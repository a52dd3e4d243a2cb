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
export type LetterKind = "verify" | "reset" | "confirm" | "undo";

/** Who is there, besides having the mailbox: only for `verify` and `reset`. */
export type Proof = { password: string } | { new_password: string };

export interface Letter extends Action<[proof?: Proof]> {
  /** Whether there is a link, and it is good for all that is known. */
  good: boolean;
  /** It has done what it is for. */
  done: boolean;
}

/**
 * The link of a letter that led to this page. `submit` spends it: call that from a press, never when the page loads, for
 * programs look into mail before people do.
 */
export function useLetter(kind: LetterKind): Letter {
  const { client } = useSetting();
  const { user } = useAuth();
  const [token, forget] = useLetterToken();
  const [done, setDone] = useState(false);
  const action = useAction(
    async (proof?: Proof) => {
      await spend(token ?? "", proof);
      forget();
      setDone(true);
      // Whoever is signed in may have another address now, or be signed out: not knowing which is no failure of the link.
      if (user) await client.reload().catch(() => undefined);
    },
    {
      fields: ["password", "new_password"],
      at: { invalid_grant: "password" },
      says: { invalid_grant: "wrongPassword" },
    },
  );
  const spend = async (given: string, proof: Proof = { password: "" }): Promise<void> => {
    switch (kind) {
      case "verify":
        await client.open("POST", "/api/auth/email/verify", { body: { token: given, ...proof } });
        return;
      case "reset": {
        const password = "new_password" in proof ? proof.new_password : proof.password;
        await client.open("POST", "/api/auth/password/reset", { body: { token: given, password } });
        return;
      }
      case "confirm":
        await client.open("POST", "/api/auth/email/confirm", { body: { token: given } });
        return;
      case "undo":
        await client.open("POST", "/api/auth/email/undo", { body: { token: given } });
    }
  };
  const code = action.problem?.code;
  const dead = code === "invalid_token" || (code === "validation_error" && (kind === "confirm" || kind === "undo"));
  return { ...action, good: token !== null && !dead, done };
}
