"use client";

/** Confirm the address that one registered: the link proves the mailbox, a password proves who is there. */
import { useState, type ReactElement } from "react";
import { useAuth, useSetting } from "../core/setting.js";
import { useLetter, useResend } from "../hooks/useLetter.js";
import { Button } from "../ui/Button.js";
import { EmailField, Form, NewPasswordField, PasswordField, Submit } from "../ui/Form.js";
import { Link } from "../ui/Link.js";
import { Notice } from "../ui/Notice.js";
import { Part, Ways } from "../ui/Part.js";
import { Title } from "../ui/Title.js";
import type { Back } from "./SignUp.js";

/** Where a reader goes from a letter's page, signed in or not. */
export function WayOn({ back }: { back?: Back | undefined }): ReactElement {
  const { words, links } = useSetting();
  const { user } = useAuth();
  const root = "/";
  return (
    <Ways>
      {user ? (
        <Link to={links.account ?? root}>{words.toAccount}</Link>
      ) : (
        <Link {...(back ?? { to: links.signIn ?? root })}>{words.toLogIn}</Link>
      )}
    </Ways>
  );
}

/** What to say of a token that isn't there, or is no good. */
export function DeadLink(): ReactElement {
  const { words } = useSetting();
  return (
    <Notice look="error" title={words.deadLink}>
      <p>{words.deadLinkText}</p>
    </Notice>
  );
}

/** Behind the link of the letter that confirms an address; without one, asks for that letter again. */
export function VerifyEmail({ back }: { back?: Back }): ReactElement {
  const { words } = useSetting();
  const action = useLetter("verify");
  const [choosing, setChoosing] = useState(false);
  const change = (): void => {
    action.clear();
    setChoosing(!choosing);
  };
  return (
    <Part>
      <Title key={String(action.done)}>{words.verifyTitle}</Title>
      {action.done ? (
        <Notice look="success">
          <p>{choosing ? words.verifyChooseDone : words.verifyDone}</p>
        </Notice>
      ) : !action.good ? (
        <>
          {action.problem && <DeadLink />}
          <Resend />
        </>
      ) : (
        <>
          <p>{choosing ? words.verifyChooseText : words.verifyText}</p>
          <Form
            key={choosing ? "choose" : "give"}
            id="verify"
            action={action}
            takesFocus={choosing}
            onSubmit={(values) =>
              void action.submit(
                choosing ? { new_password: values.text("new_password") } : { password: values.text("password") },
              )
            }
          >
            {choosing ? (
              <NewPasswordField name="new_password" label={words.newPassword} hint={words.resetHint} />
            ) : (
              <PasswordField />
            )}
            <Submit>{choosing ? words.verifyChooseAction : words.verifyAction}</Submit>
          </Form>
          <Button onClick={change}>{choosing ? words.verifyGive : words.verifyChoose}</Button>
        </>
      )}
      <WayOn back={back} />
    </Part>
  );
}

function Resend(): ReactElement {
  const { words } = useSetting();
  const { user } = useAuth();
  const action = useResend();
  if (action.sentTo !== null) {
    return (
      <Notice look="success">
        <p>{words.resent}</p>
      </Notice>
    );
  }
  return (
    <Form id="resend" action={action} onSubmit={(values) => void action.submit(values.text("email"))}>
      <EmailField hint={words.resendHint} {...(user && { defaultValue: user.email })} />
      <Submit>{words.sendMail}</Submit>
    </Form>
  );
}
