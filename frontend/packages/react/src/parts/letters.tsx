"use client";

/** Pages behind the links of letters: nothing happens before a press, because programs that look into mail follow links. */
import { useState, type ReactElement } from "react";
import { late } from "../core/late.js";
import { useAuth, useSetting, useWords } from "../core/setting.js";
import { useAction } from "../hooks/useAction.js";
import { useLetter, useResend, type Letter, type LetterKind } from "../hooks/useLetter.js";
import { letters } from "../messages/letters.js";
import { send } from "../messages/send.js";
import { Button } from "../ui/Button.js";
import { EmailField, NewPasswordField, PasswordField, TextField } from "../ui/Fields.js";
import { Form, Submit } from "../ui/Form.js";
import { Link } from "../ui/Link.js";
import { Notice, ProblemNotice } from "../ui/Notice.js";
import { Part, Ways } from "../ui/Part.js";
import { Say } from "../ui/Say.js";
import { FullTime } from "../ui/Time.js";
import { Title } from "../ui/Title.js";
import { DeadLink } from "./DeadLink.js";
import { ForgotPassword } from "./ForgotPassword.js";
import { LogInLink } from "./LogInLink.js";
import { SignIn } from "./SignIn.js";
import type { Back } from "./SignUp.js";

const WORDS = { ...letters, ...send };

const Return = late(() => import("./providers/Return.js").then((part) => part.Return));

export interface LettersProps {
  /** What the letter is for; or `provider`. By their addresses alone that one and `login` aren't told apart before. */
  kind: LetterKind | "login" | "provider";
  /** The way back to the log-in; without it, `links.signIn`. */
  back?: Back;
}

/** The page behind the link of a letter; or the one that a provider leads back to. */
export function Letters({ kind, back }: LettersProps): ReactElement {
  switch (kind) {
    case "verify":
      return <VerifyEmail back={back} />;
    case "reset":
      return <ResetPassword />;
    case "provider":
      return <Return />;
    case "login":
      return window.location.pathname.includes("/login/callback/") ? <Return /> : <LogInLink />;
    default:
      return <Press key={kind} kind={kind} />;
  }
}

/** Where a reader goes from a letter's page, signed in or not. */
function WayOn({ back }: { back?: Back | undefined }): ReactElement {
  const words = useWords(letters);
  const { links } = useSetting();
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

/** In place of a link that a mail program has cut: the code that stands beside it in the letter. */
function CodeForm({ onCode }: { onCode: (code: string) => void }): ReactElement {
  const words = useWords(letters);
  const action = useAction((code: string) => {
    onCode(code);
    return Promise.resolve();
  });
  return (
    <Form id="code" action={action} onSubmit={(values) => void action.submit(values.trimmed("code"))}>
      <TextField
        name="code"
        label={words.letterCode}
        hint={words.letterCodeHint}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        required
      />
      <Submit>{words.letterCodeAction}</Submit>
    </Form>
  );
}

/** The link of a letter, or the code in its place. */
function useTypedLetter(kind: LetterKind): [Letter, (code: string) => void] {
  const [typed, setTyped] = useState<string>();
  const letter = useLetter(kind, typed);
  const type = (code: string): void => {
    letter.clear();
    setTyped(code);
  };
  return [letter, type];
}

/** Behind the link of the letter that confirms an address; without one, asks for that letter again. */
function VerifyEmail({ back }: { back: Back | undefined }): ReactElement {
  const words = useWords(letters);
  const [action, type] = useTypedLetter("verify");
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
          <CodeForm onCode={type} />
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
  const words = useWords(WORDS);
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

/** One button, which spends the token. */
function Press({ kind }: { kind: Exclude<LetterKind, "verify" | "reset"> }): ReactElement {
  const words = useWords(letters);
  const [{ good, done, at, busy, problem, wait, submit }, type] = useTypedLetter(kind);
  return (
    <Part>
      <Title key={String(done)}>{words[`${kind}Title`]}</Title>
      {done ? (
        <Notice look="success">
          <p>
            <Say text={words[`${kind}Done`]} values={{ at: at && <FullTime at={at} /> }} />
          </p>
        </Notice>
      ) : !good ? (
        <>
          <DeadLink />
          <CodeForm onCode={type} />
        </>
      ) : (
        <>
          <p>{words[`${kind}Text`]}</p>
          <div role="alert" className="lk-region">
            {problem && <ProblemNotice problem={problem} wait={wait} announce={false} />}
          </div>
          <Button look="primary" wide busy={busy} aria-disabled={wait > 0} onClick={() => void submit()}>
            {words[`${kind}Action`]}
          </Button>
        </>
      )}
      <WayOn />
    </Part>
  );
}

/** Set a new password: a forgotten one, or the first one of an account that somebody made for the reader. */
function ResetPassword(): ReactElement {
  const words = useWords(letters);
  const { links } = useSetting();
  const [action, type] = useTypedLetter("reset");
  const [asking, setAsking] = useState(false);
  if (asking) return <ForgotPassword />;
  if (action.done) return <SignIn message={words.resetDone} />;
  return (
    <Part>
      <Title>{words.resetTitle}</Title>
      {action.good ? (
        <Form
          id="reset"
          action={action}
          onSubmit={(values) => void action.submit({ new_password: values.text("password") })}
        >
          <NewPasswordField label={words.newPassword} hint={words.resetHint} />
          <Submit>{words.resetAction}</Submit>
        </Form>
      ) : (
        <>
          <Notice look="error" title={words.deadLink}>
            <p>
              <Say
                text={words.deadLinkAsk}
                tags={{
                  link: (text) => (
                    <Link to={links.forgotPassword} onPress={() => setAsking(true)}>
                      {text}
                    </Link>
                  ),
                }}
              />
            </p>
          </Notice>
          <CodeForm onCode={type} />
        </>
      )}
    </Part>
  );
}
