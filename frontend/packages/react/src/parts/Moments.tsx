"use client";

/** What is shown at a press of a button or over the page: loaded when it is needed. */
import type { ReactElement } from "react";
import { late } from "../core/late.js";
import { useAuth } from "../core/setting.js";
import type { StepUpProps } from "../core/StepUpHost.js";
import type { ByMailProps } from "./ByMail.js";
import type { SecondStepProps } from "./SecondStep.js";
import type { LeavingProps } from "./Leaving.js";

/** Log in by mail: ask for a letter, then type its code here, or open its link. */
export const ByMail = late<ByMailProps>(() => import("./ByMail.js").then((part) => part.ByMail));

/** Asks over the page who the reader is, and says whether it was shown. `<Latchkey>` shows it by itself where a call wants it. */
export const StepUp = late<StepUpProps>(() => import("./StepUp.js").then((part) => part.StepUp));

/** Asks whoever leaves what they have typed and not sent: for a router that was held back because of `hasUnsaved`. */
export const Leaving = late<LeavingProps>(() => import("./Leaving.js").then((part) => part.Leaving));

/** The second step of a log-in, whichever way it began. */
export const SecondStep = late<SecondStepProps>(() => import("./SecondStep.js").then((part) => part.SecondStep));

const SwitchedTo = late(() => import("./Switched.js").then((part) => part.SwitchedTo));

/** Says who the reader is now, where it was somebody else a moment ago. */
export function Switched(): ReactElement | null {
  const { user, switched } = useAuth();
  return user && switched ? <SwitchedTo /> : null;
}
