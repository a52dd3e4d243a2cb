"use client";

/** Pages behind the links of letters: nothing happens before a press, because programs that look into mail follow links. */
import { useLetterToken, useMailLogin } from "@latchkey/client/react";
import { useEffect, useState, type ReactElement } from "react";
import { useAuth, useSetting, useWords } from "../core/setting.js";
import { useAction } from "../hooks/useAction.js";
import { useLetter, useResend, type LetterKind } from "../hooks/useLetter.js";
import { letters } from "../messages/letters.js";
import { Button } from "../ui/Button.js";
import { useClass } from "../ui/classes.js";
import { EmailField, NewPasswordField, PasswordField } from "../ui/Fields.js";
import { Form, Submit } from "../ui/Form.js";
import { Link } from "../ui/Link.js";
import { Notice, ProblemNotice } from "../ui/Notice.js";
import { Part, Ways } from "../ui/Part.js";
import { Say } from "../ui/Say.js";
import { Time } from "../ui/Time.js";
import { Title } from "../ui/Title.js";
import { ForgotPassword } from "./ForgotPassword.js";
import { SignIn } from "./SignIn.js";
import { SecondStep } from "./Moments.js";
import type { Back } from "./SignUp.js";

export interface LettersProps {
  /** What the letter is for. */
  kind: LetterKind | "login";
  /** The way back to the log-in; without it, `links.signIn`. */
  back?: Back;
}

/** The page behind the link of a letter. */
export function Letters({ kind, back }: LettersProps): ReactElement {
  switch (kind) {
    case "verify":
      return <VerifyEmail back={back} />;
    case "reset":
      return <ResetPassword />;
    case "login":
      return <LogInLink />;
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

/** What to say of a token that isn't there, or is no good. */
function DeadLink(): ReactElement {
  const words = useWords(letters);
  return (
    <Notice look="error" title={words.deadLink}>
      <p>{words.deadLinkText}</p>
    </Notice>
  );
}

/** Behind the link of the letter that confirms an address; without one, asks for that letter again. */
function VerifyEmail({ back }: { back: Back | undefined }): ReactElement {
  const words = useWords(letters);
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
  const words = useWords(letters);
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
function Press({ kind }: { kind: "confirm" | "undo" }): ReactElement {
  const words = useWords(letters);
  const { good, done, busy, problem, wait, submit } = useLetter(kind);
  return (
    <Part>
      <Title key={String(done)}>{words[`${kind}Title`]}</Title>
      {done ? (
        <Notice look="success">
          <p>{words[`${kind}Done`]}</p>
        </Notice>
      ) : !good ? (
        <DeadLink />
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
  const action = useLetter("reset");
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
      )}
    </Part>
  );
}

/** Behind the link of a letter to log in with: shows who asked for it, and logs in when its reader says so, here. */
function LogInLink(): ReactElement {
  const words = useWords(letters);
  const { links, owed, go } = useSetting();
  const [token, forget] = useLetterToken();
  return (
    <Part>
      {!owed && <Title>{words.linkTitle}</Title>}
      {owed ? (
        <SecondStep
          onDone={() => {
            forget();
            go(links.account ?? "/", true);
          }}
        />
      ) : token === null ? (
        <DeadLink />
      ) : (
        <LogInPress token={token} forget={forget} />
      )}
      <Ways>
        <Link to={links.signIn ?? "/"}>{words.toLogIn}</Link>
      </Ways>
    </Part>
  );
}

/** What means that a link is of no use any more. */
const DEAD: readonly (string | undefined)[] = ["invalid_challenge", "not_found"];

function LogInPress({ token, forget }: { token: string; forget: () => void }): ReactElement {
  const words = useWords(letters);
  const { links, go } = useSetting();
  const c = useClass();
  const { look, press } = useMailLogin(null);
  const [found, setFound] = useState<Awaited<ReturnType<typeof look>>>();
  const looking = useAction(async () => setFound(await look(token)));
  const pressing = useAction(async () => {
    await press(token);
    forget();
    go(links.account ?? "/", true);
  });
  const ask = looking.submit;
  useEffect(() => void ask(), [ask]);
  if (DEAD.includes(looking.problem?.code) || DEAD.includes(pressing.problem?.code)) return <DeadLink />;
  const problem = looking.problem ?? pressing.problem;
  return (
    <>
      <div role="alert" className="lk-region">
        {problem && <ProblemNotice problem={problem} wait={looking.wait || pressing.wait} announce={false} />}
      </div>
      {looking.problem && <Button onClick={() => void ask()}>{words.tryAgain}</Button>}
      <div aria-busy={looking.busy}>
        {found && (
          <>
            <p>{words.linkText}</p>
            <dl className={c("facts")}>
              <dt>{words.linkAccount}</dt>
              <dd>{found.email}</dd>
              <dt>{words.linkAt}</dt>
              <dd>
                <Time at={found.at} />
              </dd>
              <dt>{words.linkWith}</dt>
              <dd>{found.browser}</dd>
              <dt>{words.linkFrom}</dt>
              <dd>{found.ip}</dd>
            </dl>
            <Button look="primary" wide busy={pressing.busy} onClick={() => void pressing.submit()}>
              {words.logIn}
            </Button>
          </>
        )}
      </div>
    </>
  );
}
