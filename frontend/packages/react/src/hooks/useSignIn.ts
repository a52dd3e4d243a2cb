"use client";

/** Logging in, and creating an account. */
import type { User } from "@latchkey/client";
import { useState } from "react";
import { useSetting } from "../core/setting.js";
import { useAction, type Action } from "./useAction.js";

/** Log in with an address and a password. */
export function useSignIn(): Action<[email: string, password: string]> {
  const { client, asked } = useSetting();
  return useAction((email: string, password: string) => client.login(email.trim(), password), {
    fields: ["email", "password"],
    at: { invalid_grant: "password" },
    // The service doesn't tell who has an account: a wrong password and an address that is still to be confirmed look alike.
    says: { invalid_grant: asked.options?.confirm_email ? "wrongLoginOrUnconfirmed" : "wrongLogin" },
  });
}

/** What a new account is made of. */
export interface NewAccount {
  email: string;
  password: string;
  full_name?: string;
}

export interface SignUp extends Action<[account: NewAccount]> {
  /** The address that has to be confirmed before its owner can log in: a letter is on its way to it. Null before, and where it hasn't. */
  writtenTo: string | null;
}

/** Create an account, and log in; or be told to look for a letter, where addresses are confirmed first. */
export function useSignUp(): SignUp {
  const { client } = useSetting();
  const [writtenTo, setWrittenTo] = useState<string | null>(null);
  const action = useAction(
    async ({ email, password, full_name }: NewAccount): Promise<User | undefined> => {
      const address = email.trim();
      const name = full_name?.trim();
      const made = await client.register({ email: address, password, ...(name && { full_name: name }) });
      if (made) return client.login(address, password);
      setWrittenTo(address);
      return undefined;
    },
    { fields: ["full_name", "email", "password"], at: { email_taken: "email" } },
  );
  return { ...action, writtenTo };
}
