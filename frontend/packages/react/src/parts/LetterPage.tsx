"use client";

import { useLetterToken } from "@latchkey/client/react";
import { useSyncExternalStore, type ReactElement, type ReactNode } from "react";
import { late } from "../core/late.js";
import type { LetterKind } from "../hooks/useLetter.js";
import type { LettersProps } from "./letters.js";
import type { Back } from "./SignUp.js";

/**
 * The pages that letters lead to, and the one that other providers lead back to, by the end of their addresses: the first
 * word of it is what for.
 */
const PATHS =
  /\/((verify|confirm)-email|reset-password|undo-email-change|login\/(link|callback\/\w+)|(recover|keep)-second-factor)\/?$/;

const Letters = late(() => import("./letters.js").then(({ Letters }) => Letters));

function kindHere(): LetterKind | "login" | null {
  return (/\w+/.exec(PATHS.exec(window.location.pathname)?.[0] ?? "")?.[0] as LetterKind | undefined) ?? null;
}

const never = () => () => undefined;

export interface LetterPageProps {
  /** What the letter is for, or `provider` for the page that other providers lead back to; without it, as the address says. */
  kind?: LetterKind | "login" | "provider";
  /** Shown where the address is none of these. */
  children?: ReactNode;
}

/** The page behind the link of a letter, whichever it is; and the one that another provider leads back to. */
export function LetterPage({ kind, children }: LetterPageProps): ReactElement {
  const here = useSyncExternalStore(never, kindHere, () => null);
  const shown = kind ?? here;
  return shown ? <Opened kind={shown} /> : <>{children}</>;
}

function Opened(props: LettersProps): ReactElement {
  // The token leaves the address bar at once, before there is a page to show.
  useLetterToken();
  return <Letters {...props} />;
}

/** The page that confirms an address; without a link it asks for that letter again. */
export function VerifyEmail({ back }: { back?: Back }): ReactElement {
  return <Opened kind="verify" {...(back && { back })} />;
}
