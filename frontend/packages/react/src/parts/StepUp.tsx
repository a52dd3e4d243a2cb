"use client";

import { useState, type ReactElement } from "react";
import { useAuth, useWords } from "../core/setting.js";
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
import { digitsOf, ProofField, type Way } from "./ProofField.js";

const OTHERS = { password: "usePassword", totp: "useCode", recovery_code: "useRecovery" } as const;
const WORDS = { ...moments, ...second };

/** Asks over the page who the reader is, in the ways that are known, and says whether it was shown. `<Latchkey>` shows it where a call wants it. */
export function StepUp({ methods, onDone }: StepUpProps): ReactElement {
  const words = useWords(WORDS);
  const { user } = useAuth();
  const c = useClass();
  const { ways, show } = useStepUp(methods);
  const [chosen, setChosen] = useState<Way>();
  const cancel = (): void => onDone(false);
  const way = chosen ?? ways[0];
  const field = way === "password" ? way : "code";
  return (
    <Dialog title={words.stepUpTitle} text={way ? words.stepUpText : words.noProof} onClose={cancel}>
      {way ? (
        <>
          <Form
            key={way}
            id={way === "password" ? "step-up" : `step-up-${way}`}
            action={show}
            takesFocus={chosen !== undefined}
            onSubmit={(values) => {
              const text = values.text(field);
              void show.submit(way, way === "totp" ? digitsOf(text) : text).then((done) => done && onDone(true));
            }}
          >
            {way === "password" && <Username value={user?.email ?? ""} />}
            <ProofField way={way} />
            <div className={c("actions")}>
              <Button onClick={cancel}>{words.cancel}</Button>
              <Submit wide={false}>{words.stepUpAction}</Submit>
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
                    {words[OTHERS[other]]}
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
    </Dialog>
  );
}
