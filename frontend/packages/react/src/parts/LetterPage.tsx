"use client";

/** Pages behind the links of letters: nothing happens before a press, because programs that look into mail follow links. */
import { useLetterToken, useMailLogin } from "@latchkey/client/react";
import { useEffect, useState, useSyncExternalStore, type ReactElement, type ReactNode } from "react";
import { useSetting } from "../core/setting.js";
import { useAction } from "../hooks/useAction.js";
import { useLetter, type LetterKind } from "../hooks/useLetter.js";
import { Button } from "../ui/Button.js";
import { useClass } from "../ui/classes.js";
import { Form, NewPasswordField, Submit } from "../ui/Form.js";
import { Link } from "../ui/Link.js";
import { Notice, ProblemNotice } from "../ui/Notice.js";
import { Part, Ways } from "../ui/Part.js";
import { Say } from "../ui/Say.js";
import { Time } from "../ui/Time.js";
import { Title } from "../ui/Title.js";
import { ForgotPassword } from "./ForgotPassword.js";
import { SignIn } from "./SignIn.js";
import { DeadLink, VerifyEmail, WayOn } from "./VerifyEmail.js";

/** The pages that letters lead to, by the end of their addresses. */
const PATHS: readonly (readonly [path: string, kind: LetterKind | "login"])[] = [
  ["/verify-email", "verify"],
  ["/reset-password", "reset"],
  ["/confirm-email", "confirm"],
  ["/undo-email-change", "undo"],
  ["/login/link", "login"],
];

function kindHere(): LetterKind | "login" | null {
  const path = window.location.pathname.replace(/\/$/, "");
  return PATHS.find(([end]) => path.endsWith(end))?.[1] ?? null;
}

const never = () => () => undefined;

export interface LetterPageProps {
  /** What the letter is for; without it, as the page's address says. */
  kind?: LetterKind | "login";
  /** Shown where the address is none that letters lead to. */
  children?: ReactNode;
}

/** The page behind the link of a letter, whichever it is. */
export function LetterPage({ kind, children }: LetterPageProps): ReactElement {
  const here = useSyncExternalStore(never, kindHere, () => null);
  switch (kind ?? here) {
    case "verify":
      return <VerifyEmail />;
    case "reset":
      return <ResetPassword />;
    case "confirm":
      return <Press key="confirm" kind="confirm" />;
    case "undo":
      return <Press key="undo" kind="undo" />;
    case "login":
      return <LogInLink />;
    default:
      return <>{children}</>;
  }
}

/** One button, which spends the token. */
function Press({ kind }: { kind: "confirm" | "undo" }): ReactElement {
  const { words } = useSetting();
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
  const { words, links } = useSetting();
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
              word="deadLinkAsk"
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
  const { words, links } = useSetting();
  const [token, forget] = useLetterToken();
  return (
    <Part>
      <Title>{words.linkTitle}</Title>
      {token === null ? <DeadLink /> : <LogInPress token={token} forget={forget} />}
      <Ways>
        <Link to={links.signIn ?? "/"}>{words.toLogIn}</Link>
      </Ways>
    </Part>
  );
}

/** What means that a link is of no use any more. */
const DEAD: readonly (string | undefined)[] = ["invalid_challenge", "not_found"];

function LogInPress({ token, forget }: { token: string; forget: () => void }): ReactElement {
  const { words, links, go } = useSetting();
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
