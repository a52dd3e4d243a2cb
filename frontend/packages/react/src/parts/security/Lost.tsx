"use client";

import { useEffect, useState, type ReactElement } from "react";
import { useSetting, useWords } from "../../core/setting.js";
import { useAction } from "../../hooks/useAction.js";
import { lost } from "../../messages/lost.js";
import { send } from "../../messages/send.js";
import { Button } from "../../ui/Button.js";
import { Link } from "../../ui/Link.js";
import { Notice, ProblemNotice } from "../../ui/Notice.js";
import { Ways } from "../../ui/Part.js";
import { Title } from "../../ui/Title.js";

const WORDS = { ...lost, ...send };

export interface LostProps {
  /** It was found: show it after all. */
  onBack: () => void;
  /** The log-in is over: it has to be begun again. */
  onOver: () => void;
}

/** In the second step of a log-in: ask to have it taken away. An e-mail goes on with it. */
export function Lost({ onBack, onOver }: LostProps): ReactElement {
  const words = useWords(WORDS);
  const { client, owed } = useSetting();
  const [sent, setSent] = useState(false);
  const { submit, busy, wait, problem } = useAction(async () => {
    await client.open("POST", "/api/auth/second-factor/recovery", { body: { challenge: owed?.more.challenge ?? "" } });
    setSent(true);
  });
  const over = problem?.code === "invalid_challenge";
  useEffect(() => {
    if (over) onOver();
  }, [over, onOver]);
  return (
    <>
      <Title key={String(sent)}>{sent ? words.lookForMail : words.lostTitle}</Title>
      {sent ? (
        <Notice look="success">
          <p>{words.lostSent}</p>
        </Notice>
      ) : (
        <>
          <p>{words.lostText}</p>
          <div role="alert" className="lk-region">
            {problem && (
              <ProblemNotice
                problem={problem.code === "forbidden" ? { ...problem, message: words.lostByMail } : problem}
                wait={wait}
                announce={false}
              />
            )}
          </div>
          <Button look="primary" wide busy={busy} aria-disabled={wait > 0} onClick={() => void submit()}>
            {words.sendMail}
          </Button>
        </>
      )}
      <Ways>
        <Link to={undefined} onPress={onBack}>
          {words.lostBack}
        </Link>
      </Ways>
    </>
  );
}
