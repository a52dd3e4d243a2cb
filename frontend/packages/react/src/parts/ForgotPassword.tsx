"use client";

import type { ReactElement } from "react";
import { useSetting, useWords } from "../core/setting.js";
import { useForgotPassword } from "../hooks/useLetter.js";
import { forgot } from "../messages/forgot.js";
import { send } from "../messages/send.js";
import { EmailField } from "../ui/Fields.js";
import { Form, Submit } from "../ui/Form.js";
import { Link } from "../ui/Link.js";
import { Part, Ways } from "../ui/Part.js";
import { Say } from "../ui/Say.js";
import { Title } from "../ui/Title.js";
import type { Back } from "./SignUp.js";

const WORDS = { ...forgot, ...send };

export interface ForgotPasswordProps {
  back?: Back;
}

/** Ask for a link to set a new password. Neither the answer nor this page tells whether there is such an account. */
export function ForgotPassword({ back }: ForgotPasswordProps): ReactElement {
  const words = useWords(WORDS);
  const { links } = useSetting();
  const action = useForgotPassword();
  return (
    <Part>
      <Title>{action.sentTo === null ? words.forgotTitle : words.lookForMail}</Title>
      {action.sentTo === null ? (
        <Form id="forgot" action={action} onSubmit={(values) => void action.submit(values.text("email"))}>
          <EmailField hint={words.forgotHint} />
          <Submit>{words.sendLink}</Submit>
        </Form>
      ) : (
        <p role="status">
          <Say text={words.forgotSent} values={{ email: action.sentTo }} />
        </p>
      )}
      <Ways>
        <Link {...(back ?? { to: links.signIn })}>{words.backToLogIn}</Link>
      </Ways>
    </Part>
  );
}
