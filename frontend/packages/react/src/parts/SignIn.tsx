"use client";

import { useMailLogin } from "@latchkey/client/react";
import { useState, type ReactElement } from "react";
import { hasPasskey, hasPassword, mailWayOf, providersOf } from "../core/options.js";
import { useAuth, useSetting } from "../core/setting.js";
import { useSignIn } from "../hooks/useSignIn.js";
import { endingOf } from "../messages/table.js";
import { EmailField, PasswordField } from "../ui/Fields.js";
import { Form, Submit } from "../ui/Form.js";
import { Link } from "../ui/Link.js";
import { Notice, type NoticeLook } from "../ui/Notice.js";
import { Part, Ways } from "../ui/Part.js";
import { Say } from "../ui/Say.js";
import { Title } from "../ui/Title.js";
import { useArrival } from "./arrive.js";
import { ByMail, ForgotPassword, PasskeyWay, Providers, SecondStep } from "./Moments.js";
import { SignUp } from "./SignUp.js";
import { VerifyEmail } from "./LetterPage.js";
import { Waiting } from "./Waiting.js";

export interface SignInProps {
  /** Which way is shown first, if the service offers it. */
  way?: "password" | "mail";
  /** Where one is led once signed in. Without it: `links.account`; without that, nowhere: this shows nothing any more. */
  after?: string;
  /** Something to say first, instead of why the last session ended. */
  message?: string;
}

/** What is shown where other pages have no address of their own. */
type View = "signUp" | "forgotPassword" | "verifyEmail";

/** Log in, in the ways that the service offers. Says first why the reader is here, if a session of theirs was ended. */
export function SignIn({ way, after, message }: SignInProps): ReactElement | null {
  const { asked, links, owed } = useSetting();
  const arrival = useArrival(after);
  const mailWay = mailWayOf(asked);
  const mail = useMailLogin(mailWay ?? null);
  const [view, setView] = useState<View | null>(null);
  const [chosen, setChosen] = useState(way);
  if (arrival === "waiting") return <Waiting />;
  if (arrival === "in") return null;
  if (owed)
    return (
      <Part>
        <SecondStep />
      </Part>
    );
  const back = { to: undefined, onPress: () => setView(null) };
  if (view === "signUp") return <SignUp back={back} {...(after !== undefined && { after })} />;
  if (view === "forgotPassword") return <ForgotPassword back={back} />;
  if (view === "verifyEmail") return <VerifyEmail back={back} />;
  const lead = (to: View) => ({ to: links[to], onPress: () => setView(to) });
  const password = hasPassword(asked);
  // A letter that was asked for is waited for, also when the page was loaded anew.
  const byMail = mailWay && (!password || (chosen ? chosen === "mail" : mail.email !== null));
  return (
    <Part>
      {byMail ? (
        <ByMail mail={mail} way={mailWay} {...(password && { onPassword: () => setChosen("password") })} />
      ) : (
        <ByPassword
          message={message}
          lead={lead}
          after={after}
          password={password}
          {...(mailWay && { onMail: () => setChosen("mail") })}
        />
      )}
    </Part>
  );
}

/** How loudly an ending is told; any other is somebody else's doing. */
const LOOKS: Partial<Record<string, NoticeLook>> = {
  logged_out: "info",
  logged_out_everywhere: "info",
  expired: "info",
  too_old: "info",
  user_deleted: "info",
  reused: "error",
};

interface ByPasswordProps {
  message: string | undefined;
  after: string | undefined;
  password: boolean;
  onMail?: () => void;
  lead: (to: View) => { to: string | undefined; onPress: () => void };
}

function ByPassword({ message, after, password, onMail, lead }: ByPasswordProps): ReactElement {
  const { words, endings, asked } = useSetting();
  const { ended, pending } = useAuth();
  const action = useSignIn();
  const passkey = hasPasskey(asked);
  const refused = action.problem?.code === "invalid_grant";
  const { registration, confirm_email: confirms } = asked.options ?? {};
  return (
    <>
      <Title>{words.logIn}</Title>
      {message !== undefined ? (
        <Notice look="success">
          <p>{message}</p>
        </Notice>
      ) : (
        ended !== null && (
          <Notice look={pending ? "warning" : (LOOKS[ended] ?? "warning")}>
            <p>{endingOf(ended, endings)}</p>
            {pending && <p>{words.untold}</p>}
          </Notice>
        )
      )}
      {password && (
        <Form
          id="sign-in"
          action={action}
          onSubmit={(values) => void action.submit(values.text("email"), values.text("password"))}
        >
          <EmailField {...(passkey && { autoComplete: "username webauthn" })} />
          <PasswordField />
          <Submit>{words.logIn}</Submit>
        </Form>
      )}
      {!password && !onMail && !passkey && !providersOf(asked).length && <p>{words.noWay}</p>}
      {refused && (
        <p>
          <Say text={words.refusedForgot} tags={{ link: (text) => <Link {...lead("forgotPassword")}>{text}</Link> }} />
        </p>
      )}
      {refused && confirms && (
        <p>
          <Say text={words.refusedConfirm} tags={{ link: (text) => <Link {...lead("verifyEmail")}>{text}</Link> }} />
        </p>
      )}
      <PasskeyWay />
      <Providers after={after} />
      {onMail && (
        <Link to={undefined} button="secondary" onPress={onMail}>
          {words.byMail}
        </Link>
      )}
      <Ways>
        {password && <Link {...lead("forgotPassword")}>{words.forgotLink}</Link>}
        {/* Where accounts are made by logging in by mail, that is the way. */}
        {registration !== "closed" && (
          <Link
            {...(registration === "by_mail" ? { to: undefined, ...(onMail && { onPress: onMail }) } : lead("signUp"))}
          >
            {words.register}
          </Link>
        )}
      </Ways>
    </>
  );
}
