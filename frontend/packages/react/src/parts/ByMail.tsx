"use client";

/** Log in by mail: ask for a letter, then type its code here, or open its link. */
import type { MailLogin } from "@latchkey/client/react";
import type { ReactElement } from "react";
import type { MailWay } from "../core/options.js";
import { useWords } from "../core/setting.js";
import { useAction } from "../hooks/useAction.js";
import { mail as letter } from "../messages/mail.js";
import { send } from "../messages/send.js";
import { Button } from "../ui/Button.js";
import { EmailField, TextField } from "../ui/Fields.js";
import { Form, Submit } from "../ui/Form.js";
import { Link } from "../ui/Link.js";
import { Notice } from "../ui/Notice.js";
import { Ways } from "../ui/Part.js";
import { Say } from "../ui/Say.js";
import { Title } from "../ui/Title.js";

const WORDS = { ...letter, ...send };

export interface ByMailProps {
  mail: MailLogin;
  way: MailWay;
  /** Whose address it probably is. */
  email?: string;
  /** To the password, where there are passwords. */
  onPassword?: () => void;
}

export function ByMail({
  mail: { email, start, finish, cancel },
  way,
  email: whose,
  onPassword,
}: ByMailProps): ReactElement {
  const words = useWords(WORDS);
  const asking = useAction((address: string) => start(address.trim()), { fields: ["email"] });
  const typing = useAction((code: string) => finish(code.replace(/\s/g, "")), {
    fields: ["code"],
    at: { invalid_code: "code" },
  });
  const over = typing.problem?.code === "invalid_challenge";
  const another = (): void => {
    typing.clear();
    cancel();
  };
  const hint = way.code ? (way.link ? words.mailCodeAndLink : words.mailCode) : words.mailLink;
  return (
    <>
      <Title>{email === null ? words.byMail : words.lookForMail}</Title>
      {email === null ? (
        <>
          {over && (
            <Notice look="warning" title={words.mailOver}>
              <p>{words.mailOverText}</p>
            </Notice>
          )}
          <Form
            key="ask"
            id="mail"
            action={asking}
            onSubmit={(values) => {
              typing.clear();
              void asking.submit(values.text("email"));
            }}
          >
            <EmailField hint={hint} {...(whose !== undefined && { defaultValue: whose })} />
            <Submit>{words.sendMail}</Submit>
          </Form>
        </>
      ) : (
        <>
          <p role="status">
            <Say text={way.registers ? words.mailSentToAll : words.mailSent} values={{ email }} />
          </p>
          {way.code ? (
            <Form
              key="code"
              id="code"
              action={typing}
              takesFocus
              onSubmit={(values) => void typing.submit(values.text("code"))}
            >
              <TextField
                name="code"
                label={words.code}
                inputMode="numeric"
                autoComplete="one-time-code"
                pattern="\s*([0-9]\s*){6}"
                hint={way.link ? words.codeOrLinkHint : words.codeHint}
                required
              />
              <Submit>{words.logIn}</Submit>
            </Form>
          ) : (
            <p>{words.linkOnly}</p>
          )}
          <Button onClick={another}>{words.sendAnother}</Button>
        </>
      )}
      {onPassword && (
        <Ways>
          <Link to={undefined} onPress={onPassword}>
            {words.byPassword}
          </Link>
        </Ways>
      )}
    </>
  );
}
