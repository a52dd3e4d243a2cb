import { useAuth, useLatchkey } from "@latchkey/react";
import { useState, type ReactElement } from "react";
import { Button } from "../components/Button";
import { Form, SubmitButton, TextField } from "../components/Form";
import { Notice } from "../components/Notice";
import { Badge, Card, Page } from "../components/Page";
import { ProblemNotice } from "../components/ProblemNotice";
import { Time } from "../components/Time";
import { useStepUp } from "../contexts/StepUpContext";
import { useToast } from "../contexts/ToastContext";
import { useSubmit } from "../lib/useSubmit";
import api from "../services/api";
import type { User } from "../services/types";
import userService from "../services/userService";

/** The reader's name and address. */
export default function ProfilePage(): ReactElement {
  const { user } = useAuth();
  return (
    <Page title="Profile" lead="Who you are to this service." narrow>
      {user && (
        <div className="stack stack--loose">
          <NameCard user={user} />
          <AddressCard user={user} />
          <Card title="Account">
            <dl className="facts">
              <dt>Created</dt>
              <dd>
                <Time at={user.created_at} as="full" />
              </dd>
              <dt>Role</dt>
              <dd>{user.is_superuser ? "Administrator" : "User"}</dd>
              <dt>Id</dt>
              <dd>
                <code>{user.id}</code>
              </dd>
            </dl>
          </Card>
        </div>
      )}
    </Page>
  );
}

function NameCard({ user }: { user: User }): ReactElement {
  const client = useLatchkey();
  const toast = useToast();
  const { submit, busy, problem } = useSubmit(async (name: string | null) => {
    await userService.updateMe({ full_name: name });
    await client.reload();
    toast("Your name is saved.");
  });
  return (
    <Card title="Name">
      <Form
        problem={problem}
        busy={busy}
        fields={["full_name"]}
        asksToLeave
        onSubmit={(values) => submit(values.optional("full_name"))}
      >
        <TextField name="full_name" label="Full name" autoComplete="name" defaultValue={user.full_name ?? ""} />
        <div className="row">
          <SubmitButton>Save name</SubmitButton>
        </div>
      </Form>
    </Card>
  );
}

function AddressCard({ user }: { user: User }): ReactElement {
  const stepUp = useStepUp();
  const [pending, setPending] = useState<string | null>(null);
  const [editing, setEditing] = useState(false);
  const change = useSubmit(async (email: string) => {
    await stepUp(() => userService.changeEmail(email));
    setPending(email);
    setEditing(false);
  });
  return (
    <Card
      title="E-mail address"
      actions={
        user.email_verified ? <Badge look="success">Confirmed</Badge> : <Badge look="warning">Not confirmed</Badge>
      }
    >
      <div className="stack">
        <p>{user.email}</p>
        {!user.email_verified && <Resend email={user.email} />}
        {pending !== null && (
          <Notice look="info" title={`We have written to ${pending}`}>
            <p>Open the link in that letter to make it your address. Until then nothing changes.</p>
          </Notice>
        )}
        {editing ? (
          <Form
            problem={change.problem}
            busy={change.busy}
            fields={["email"]}
            codes={{ email_taken: "email" }}
            takesFocus
            asksToLeave
            onSubmit={(values) => change.submit(values.text("email").trim())}
          >
            <TextField
              name="email"
              label="New address"
              type="email"
              autoComplete="email"
              hint="It becomes yours when you open the link we send there. We tell the old address."
              required
            />
            <div className="row">
              <SubmitButton>Send the link</SubmitButton>
              <Button onClick={() => setEditing(false)}>Cancel</Button>
            </div>
          </Form>
        ) : (
          <div className="row">
            <Button onClick={() => setEditing(true)}>Change address</Button>
          </div>
        )}
      </div>
    </Card>
  );
}

function Resend({ email }: { email: string }): ReactElement {
  const [sent, setSent] = useState(false);
  const { submit, busy, problem } = useSubmit(async () => {
    await api.open("POST", "/api/auth/email/verify/resend", { body: { email } });
    setSent(true);
  });
  if (sent) {
    return (
      <Notice look="success">
        <p>The letter is on its way.</p>
      </Notice>
    );
  }
  return (
    <div className="stack">
      {problem && <ProblemNotice problem={problem} />}
      <div className="row">
        <Button busy={busy} onClick={() => submit()}>
          Send the confirmation letter again
        </Button>
      </div>
    </div>
  );
}
