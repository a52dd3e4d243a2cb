import { useAuth } from "@latchkey/react";
import { useState, type ReactElement } from "react";
import { Form, PasswordField, SubmitButton, Username } from "../components/Form";
import { Notice } from "../components/Notice";
import { Card, Page } from "../components/Page";
import { useStepUp } from "../contexts/StepUpContext";
import { useSubmit } from "../lib/useSubmit";
import userService from "../services/userService";

/** A new password. The old one is asked for in a dialog, unless it was given a moment ago. */
export default function PasswordPage(): ReactElement {
  const { user } = useAuth();
  const stepUp = useStepUp();
  const [changes, setChanges] = useState(0);
  const { submit, busy, problem } = useSubmit(async (password: string) => {
    await stepUp((current) => userService.changePassword(password, current));
    setChanges((count) => count + 1);
  });
  return (
    <Page title="Password" lead="A new password signs out all your other devices, and keeps this one." narrow>
      <Card>
        <div className="stack">
          {changes > 0 && !problem && !busy && (
            <Notice look="success">
              <p>Your password is changed. All other devices are signed out.</p>
            </Notice>
          )}
          {/* A new key empties the fields after each change. */}
          <Form
            key={changes}
            problem={problem}
            busy={busy}
            fields={["password"]}
            asksToLeave
            onSubmit={(values) => submit(values.text("password"))}
          >
            <Username value={user?.email ?? ""} />
            <PasswordField
              name="password"
              label="New password"
              autoComplete="new-password"
              hint="At least 8 characters. A few words in a row are good, and easy to remember."
              required
            />
            <div className="row">
              <SubmitButton>Change password</SubmitButton>
            </div>
          </Form>
        </div>
      </Card>
    </Page>
  );
}
