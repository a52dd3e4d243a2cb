"use client";

import type { ReactElement } from "react";
import { useSecondWords } from "../core/spoken.js";
import { second } from "../messages/second.js";
import { PasswordField, TextField } from "../ui/Fields.js";

/** How somebody shows who they are, by the names that the service has for it. */
export type Way = "passkey" | "password" | "totp" | "recovery_code";

/** The field for it: `password`, or `code` for both kinds of codes; none for a passkey. */
export function ProofField({ way, hint }: { way: Exclude<Way, "passkey">; hint?: string | undefined }): ReactElement {
  const words = useSecondWords(second);
  if (way === "password") return <PasswordField />;
  if (way === "recovery_code") {
    return (
      <TextField
        key={way}
        name="code"
        label={words.recoveryCode}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        hint={hint}
        required
      />
    );
  }
  return <CodeField label={words.appCode} hint={hint} />;
}

/** What leads to each way. */
export const LEADS = {
  passkey: "useKey",
  password: "usePassword",
  totp: "useCode",
  recovery_code: "useRecovery",
} as const;

/** A code of six digits. */
export function CodeField({
  name = "code",
  label,
  hint,
}: {
  name?: string;
  label: string;
  hint?: string | undefined;
}): ReactElement {
  return (
    <TextField
      name={name}
      label={label}
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="\s*([0-9]\s*){6}"
      hint={hint}
      required
    />
  );
}

/** A code as the service takes it: apps and people put spaces into it. */
export function digitsOf(code: string): string {
  return code.replace(/\s/g, "");
}
