"use client";

import type { ReactElement } from "react";
import { useAuth, useWords } from "../core/setting.js";
import type { StepUpProps } from "../core/StepUpHost.js";
import { useStepUp } from "../hooks/useStepUp.js";
import { moments } from "../messages/moments.js";
import { Button } from "../ui/Button.js";
import { useClass } from "../ui/classes.js";
import { Dialog } from "../ui/Dialog.js";
import { Form, PasswordField, Submit, Username } from "../ui/Form.js";

/** Asks over the page who the reader is, in the first way that is known, and says whether it was shown. `<Latchkey>` shows it where a call wants it. */
export function StepUp({ methods, onDone }: StepUpProps): ReactElement {
  const words = useWords(moments);
  const { user } = useAuth();
  const c = useClass();
  const { ways, password } = useStepUp(methods);
  const cancel = (): void => onDone(false);
  const [way] = ways;
  return (
    <Dialog title={words.stepUpTitle} text={way ? words.stepUpText : words.noProof} onClose={cancel}>
      {way === "password" ? (
        <Form
          id="step-up"
          action={password}
          onSubmit={(values) => {
            void password.submit(values.text("password")).then((done) => done && onDone(true));
          }}
        >
          <Username value={user?.email ?? ""} />
          <PasswordField />
          <div className={c("actions")}>
            <Button onClick={cancel}>{words.cancel}</Button>
            <Submit wide={false}>{words.stepUpAction}</Submit>
          </div>
        </Form>
      ) : (
        <div className={c("actions")}>
          <Button onClick={cancel}>{words.cancel}</Button>
        </div>
      )}
    </Dialog>
  );
}
