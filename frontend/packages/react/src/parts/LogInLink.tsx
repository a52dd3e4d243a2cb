"use client";

import { useLetterToken, useMailLogin } from "@latchkey/client/react";
import { useEffect, useState, type ReactElement } from "react";
import { useSetting, useWords } from "../core/setting.js";
import { useAction } from "../hooks/useAction.js";
import { letters } from "../messages/letters.js";
import { Button } from "../ui/Button.js";
import { useClass } from "../ui/classes.js";
import { Link } from "../ui/Link.js";
import { ProblemNotice } from "../ui/Notice.js";
import { Part, Ways } from "../ui/Part.js";
import { Time } from "../ui/Time.js";
import { Title } from "../ui/Title.js";
import { DeadLink } from "./DeadLink.js";
import { SecondStep } from "./Moments.js";

/** Behind the link of a letter to log in with: shows who asked for it, and logs in when its reader says so, here. */
export function LogInLink(): ReactElement {
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
