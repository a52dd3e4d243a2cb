"use client";

/** What is shown at a press of a button or over the page: loaded when it is needed. */
import type { ReactElement } from "react";
import { late } from "../core/late.js";
import { hasPasskey, providersOf } from "../core/options.js";
import { useAuth, useSetting } from "../core/setting.js";
import type { StepUpProps } from "../core/StepUpHost.js";
import { fill } from "../messages/table.js";
import type { ByMailProps } from "./ByMail.js";
import { Button } from "../ui/Button.js";
import type { ForgotPasswordProps } from "./ForgotPassword.js";
import type { NewByPasskeyProps } from "./NewByPasskey.js";
import type { SecondStepProps } from "./SecondStep.js";
import type { LeavingProps } from "./Leaving.js";
import type { InsteadProps } from "./Instead.js";

/** Log in by mail: ask for a letter, then type its code here, or open its link. */
export const ByMail = late<ByMailProps>(() => import("./ByMail.js").then((part) => part.ByMail));

/** Ask for a link to set a new password. Neither the answer nor this page tells whether there is such an account. */
export const ForgotPassword = late<ForgotPasswordProps>(() =>
  import("./ForgotPassword.js").then((part) => part.ForgotPassword),
);

/** The same button, until it can be pressed: nothing moves when it can. */
function Soon(): ReactElement {
  return (
    <Button wide busy>
      {useSetting().words.byPasskey}
    </Button>
  );
}

// Nobody has asked for it yet: where it can't be loaded, the page does without.
const without = () => () => null;

const LatePasskeyWay = late(() => import("./PasskeyWay.js").then((part) => part.PasskeyWay, without), Soon);

/** Log in with a passkey, where the service and the browser have any: by a button, and in the field for the address. */
export function PasskeyWay(): ReactElement | null {
  return hasPasskey(useSetting().asked) ? <LatePasskeyWay /> : null;
}

export interface ProvidersProps {
  /** Where one is led once signed in. */
  after?: string | undefined;
  /** Only those that one gets an account with. */
  registering?: boolean;
}

/** The same buttons, until they can be pressed. */
export function SoonProviders({ registering }: ProvidersProps): ReactElement {
  const { asked, words } = useSetting();
  return (
    <>
      {providersOf(asked, registering).map(({ id, name, brand }) => (
        <Button key={id} wide aria-disabled data-brand={brand}>
          {fill(words.byProvider, { name })}
        </Button>
      ))}
    </>
  );
}

const LateProviders = late<ProvidersProps>(
  () => import("./providers/Buttons.js").then((part) => part.Buttons, without),
  SoonProviders,
);

/** Log in with an account at another provider, where the service names any: a button for each. */
export function Providers(props: ProvidersProps): ReactElement | null {
  return providersOf(useSetting().asked, props.registering).length ? <LateProviders {...props} /> : null;
}

/** An account with a passkey alone, where the options say so: a button, then the form. */
export const NewByPasskey = late<NewByPasskeyProps>(() =>
  import("./NewByPasskey.js").then((part) => part.NewByPasskey, without),
);

/** In the place of the form for a new account. */
export const Instead = late<InsteadProps>(() => import("./Instead.js").then((part) => part.Instead));

/** Asks over the page who the reader is, and says whether it was shown. `<Latchkey>` shows it by itself where a call wants it. */
export const StepUp = late<StepUpProps>(() => import("./StepUp.js").then((part) => part.StepUp));

/** Asks whoever leaves what they have typed and not sent: for a router that was held back because of `hasUnsaved`. */
export const Leaving = late<LeavingProps>(() => import("./Leaving.js").then((part) => part.Leaving));

/** The second step of a log-in, whichever way it began. */
export const SecondStep = late<SecondStepProps>(() => import("./SecondStep.js").then((part) => part.SecondStep));

/** Second factors, passkeys and what belongs to them, as parts of the account's security. */
export const Factors = late(() => import("./security/Factors.js").then((part) => part.Factors));

const SwitchedTo = late(() => import("./Switched.js").then((part) => part.SwitchedTo));

/** Says who the reader is now, where it was somebody else a moment ago. */
export function Switched(): ReactElement | null {
  const { user, switched } = useAuth();
  return user && switched ? <SwitchedTo /> : null;
}
