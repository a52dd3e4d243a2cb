"use client";

import { useState, type ReactElement } from "react";
import { late } from "../core/late.js";
import { provingFresh } from "../core/options.js";
import { useAuth, useSetting } from "../core/setting.js";
import { spoken, useSecondWords } from "../core/spoken.js";
import type { StepUpProps } from "../core/StepUpHost.js";
import { useStepUp } from "../hooks/useStepUp.js";
import { moments } from "../messages/moments.js";
import { second } from "../messages/second.js";
import { Button } from "../ui/Button.js";
import { useClass } from "../ui/classes.js";
import { Dialog } from "../ui/Dialog.js";
import { Username } from "../ui/Fields.js";
import { Form, Submit } from "../ui/Form.js";
import { Link } from "../ui/Link.js";
import { Ways } from "../ui/Part.js";
import { withWords } from "./keyProblem.js";
import { digitsOf, LEADS, ProofField, type Way } from "./ProofField.js";

const WORDS = { ...moments, ...second };

const StepUpBy = late(
  () => import("./providers/StepUpBy.js").then((part) => part.StepUpBy),
  () => null,
);

/** Asks over the page who the reader is, in the ways that are known, and says whether it was shown. `<Latchkey>` shows it where a call wants it. */
function Question({ methods, onDone }: StepUpProps): ReactElement {
  const words = useSecondWords(WORDS);
  const { user } = useAuth();
  const c = useClass();
  const { ways, show } = useStepUp(methods);
  const { asked } = useSetting();
  // Of who has a second factor that one is asked for, and not this.
  const elsewhere = provingFresh(asked).length > 0 && ways.every((way) => way === "password");
  const [chosen, setChosen] = useState<Way>();
  const cancel = (): void => onDone(false);
  const way = chosen ?? ways[0];
  const field = way === "password" ? way : "code";
  return (
    <Dialog title={words.stepUpTitle} text={way || elsewhere ? words.stepUpText : words.noProof} onClose={cancel}>
      {way ? (
        <>
          <Form
            key={way}
            id={way === "password" ? "step-up" : `step-up-${way}`}
            action={{ ...show, problem: withWords(show.problem, words) }}
            takesFocus={chosen !== undefined}
            onSubmit={(values) => {
              const text = values.text(field);
              void show.submit(way, way === "totp" ? digitsOf(text) : text).then((done) => done && onDone(true));
            }}
          >
            {way === "password" && <Username value={user?.email ?? ""} />}
            {way === "passkey" ? <p>{words.secondKey}</p> : <ProofField way={way} />}
            <div className={c("actions")}>
              <Button onClick={cancel}>{words.cancel}</Button>
              <Submit wide={false}>{way === "passkey" ? words.keyAction : words.stepUpAction}</Submit>
            </div>
          </Form>
          {ways.length > 1 && (
            <Ways>
              {ways
                .filter((other) => other !== way)
                .map((other) => (
                  <Link
                    key={other}
                    to={undefined}
                    onPress={() => {
                      show.clear();
                      setChosen(other);
                    }}
                  >
                    {words[LEADS[other]]}
                  </Link>
                ))}
            </Ways>
          )}
        </>
      ) : (
        <div className={c("actions")}>
          <Button onClick={cancel}>{words.cancel}</Button>
        </div>
      )}
      {elsewhere && <StepUpBy />}
    </Dialog>
  );
}

export const StepUp = spoken(Question, null);
