"use client";

import type { ReactElement } from "react";
import { useAuth, useSetting } from "../core/setting.js";
import type { StepUpProps } from "../core/StepUpHost.js";
import { useAction } from "../hooks/useAction.js";
import { Button } from "../ui/Button.js";
import { useClass } from "../ui/classes.js";
import { Dialog } from "../ui/Dialog.js";
import { Form, PasswordField, Submit, Username } from "../ui/Form.js";

/** Asks for the password over the page, and says whether it was given. `<Latchkey>` shows it where a call wants it. */
export function StepUp({ onDone }: StepUpProps): ReactElement {
  const { client, words } = useSetting();
  const { user } = useAuth();
  const c = useClass();
  const action = useAction((password: string) => client.reauthenticate(password), {
    fields: ["password"],
    at: { invalid_grant: "password" },
    says: { invalid_grant: "wrongPassword" },
  });
  const cancel = (): void => onDone(false);
  return (
    <Dialog title={words.stepUpTitle} text={words.stepUpText} onClose={cancel}>
      <Form
        id="step-up"
        action={action}
        onSubmit={(values) => {
          void action.submit(values.text("password")).then((done) => done && onDone(true));
        }}
      >
        <Username value={user?.email ?? ""} />
        <PasswordField />
        <div className={c("actions")}>
          <Button onClick={cancel}>{words.cancel}</Button>
          <Submit wide={false}>{words.stepUpAction}</Submit>
        </div>
      </Form>
    </Dialog>
  );
}
