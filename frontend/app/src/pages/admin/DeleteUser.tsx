import { useState, type ReactElement } from "react";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Form, SubmitButton, TextField } from "../../components/Form";
import { Card } from "../../components/Page";
import { useStepUp } from "../../contexts/StepUpContext";
import { useToast } from "../../contexts/ToastContext";
import type { Problem } from "../../lib/problem";
import { useSubmit } from "../../lib/useSubmit";
import type { User } from "../../services/types";
import userService from "../../services/userService";

const OTHERWISE: Problem = {
  status: 422,
  code: "validation_error",
  detail: "",
  errors: [{ pointer: "/confirmed", detail: "This is not the user’s e-mail address." }],
  retryAfter: null,
  requestId: null,
};

/** Delete somebody: their address has to be typed, so that it is the right one who goes. */
export function DeleteUser({ user, onDeleted }: { user: User; onDeleted: () => void }): ReactElement {
  const stepUp = useStepUp();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const [mistyped, setMistyped] = useState<Problem | null>(null);
  const { submit, busy, problem, clear } = useSubmit(async () => {
    await stepUp(() => userService.remove(user.id));
    toast(`${user.email} is deleted.`);
    onDeleted();
  });
  const close = (): void => {
    clear();
    setMistyped(null);
    setAsking(false);
  };
  const send = (typed: string): void => {
    // A new object each time: the same words are said again.
    if (typed.trim().toLowerCase() !== user.email.toLowerCase()) return setMistyped({ ...OTHERWISE });
    setMistyped(null);
    return submit();
  };
  return (
    <Card title="Delete user" lead="The account and its sessions are gone at once, for good." look="danger">
      <div className="row">
        <Button look="danger" onClick={() => setAsking(true)}>
          Delete user
        </Button>
      </div>
      {asking && (
        <Dialog
          title={`Delete ${user.email}?`}
          text="This can’t be undone. To keep somebody out for a while, disable them instead."
          onClose={close}
        >
          <Form
            problem={mistyped ?? problem}
            busy={busy}
            fields={["confirmed"]}
            onSubmit={(values) => send(values.text("confirmed"))}
          >
            <TextField
              name="confirmed"
              label="E-mail address of the user"
              hint={`Type ${user.email} to delete it.`}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              required
            />
            <div className="dialog__actions">
              <Button onClick={close}>Cancel</Button>
              <SubmitButton look="danger">Delete for good</SubmitButton>
            </div>
          </Form>
        </Dialog>
      )}
    </Card>
  );
}
