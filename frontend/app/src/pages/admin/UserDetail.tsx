import { useAuth } from "@latchkey/react";
import { useState, type ReactElement } from "react";
import { Link, Navigate, useLocation, useParams } from "react-router";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/Dialog";
import { Form, PasswordField, SubmitButton, TextField } from "../../components/Form";
import { InsetSkeleton, Loaded, Skeleton } from "../../components/Loading";
import { Badge, Card, Page } from "../../components/Page";
import { SessionList } from "../../components/SessionList";
import { Time } from "../../components/Time";
import { useStepUp } from "../../contexts/StepUpContext";
import { useToast } from "../../contexts/ToastContext";
import { useWayBack } from "../../lib/useAddress";
import { useResource, type Resource } from "../../lib/useResource";
import { useSubmit } from "../../lib/useSubmit";
import type { Session, User, UserChange } from "../../services/types";
import userService from "../../services/userService";
import { DeleteUser } from "./DeleteUser";
import { LetterAgain, LetterSent } from "./LetterAgain";
import { UserBadges } from "./Users";
import { Why } from "./Why";

const USERS = { to: "/admin/users", label: "Users" };

/** One user: who they are, whether they may log in, where they are logged in, and why they aren't any more. */
export default function UserDetailPage(): ReactElement {
  const { id = "" } = useParams();
  const found = useResource(`user ${id}`, (signal) => userService.getUserById(id, signal));
  const sessions = useResource(`user-sessions ${id}`, (signal) => userService.sessionsOf(id, signal));
  const changed = (user: User): void => {
    found.replace(user);
    sessions.reload();
  };
  const wayBack = useWayBack(USERS);
  const [removed, setRemoved] = useState(false);
  const letter = letterOf(useLocation().state);
  const gone = found.data === null && found.problem?.status === 404;
  // With the forms gone, nobody is asked about what is half typed in them.
  if (removed) return <Navigate to={wayBack.to} replace />;
  return (
    <Page title={found.data?.email ?? (gone ? "There is no such user" : "User")} back={wayBack} narrow>
      {gone ? (
        <p>This account has been deleted, or the address of this page is wrong.</p>
      ) : (
        <Loaded resource={found} skeleton={<Skeleton lines={6} />}>
          {(user) => (
            <div key={user.id} className="stack stack--loose">
              {letter !== null && <LetterSent user={user} letter={letter} />}
              <Summary user={user} onChange={changed} />
              <Sessions user={user} sessions={sessions} />
              <Why userId={user.id} />
              <Edit user={user} onChange={changed} />
              <DeleteUser user={user} onDeleted={() => setRemoved(true)} />
            </div>
          )}
        </Loaded>
      )}
    </Page>
  );
}

/** The e-mail that went out when this user was made, if they just were. */
function letterOf(state: unknown): string | null {
  const letter = (state as { letter?: unknown } | null)?.letter;
  return typeof letter === "string" ? letter : null;
}

interface PartProps {
  user: User;
  onChange: (user: User) => void;
}

type Switch = "disable" | "enable" | "promote" | "demote";

const SWITCHES: Record<Switch, { change: UserChange; title: string; text: string; action: string; done: string }> = {
  disable: {
    change: { is_active: false },
    title: "Disable this user?",
    text: "They are logged out everywhere, at once, and can’t log in until somebody enables them again.",
    action: "Disable",
    done: "The user is disabled.",
  },
  enable: {
    change: { is_active: true },
    title: "Enable this user?",
    text: "They can log in again.",
    action: "Enable",
    done: "The user is enabled.",
  },
  promote: {
    change: { is_superuser: true },
    title: "Make this user an administrator?",
    text: "They may do everything on these pages, to everyone, you included.",
    action: "Make administrator",
    done: "The user is an administrator.",
  },
  demote: {
    change: { is_superuser: false },
    title: "Take the administrator’s role away?",
    text: "They are logged out everywhere, and are an ordinary user from then on.",
    action: "Take away",
    done: "The user is no administrator any more.",
  },
};

function Summary({ user, onChange }: PartProps): ReactElement {
  const { user: me } = useAuth();
  const stepUp = useStepUp();
  const toast = useToast();
  const [asking, setAsking] = useState<Switch | null>(null);
  const { submit, busy, problem, clear } = useSubmit(async (which: Switch) => {
    onChange(await stepUp(() => userService.update(user.id, SWITCHES[which].change)));
    setAsking(null);
    toast(SWITCHES[which].done);
  });
  const self = user.id === me?.id;
  return (
    <Card title={user.full_name ?? user.email} actions={<UserBadges user={user} />}>
      <div className="stack">
        <dl className="facts">
          <dt>Role</dt>
          <dd>{user.is_superuser ? <Badge look="accent">Administrator</Badge> : "User"}</dd>
          <dt>Created</dt>
          <dd>
            <Time at={user.created_at} as="full" />
          </dd>
          <dt>Last log-in</dt>
          <dd>{user.last_login_at ? <Time at={user.last_login_at} as="full" /> : "Never"}</dd>
          {user.updated_at && (
            <>
              <dt>Changed</dt>
              <dd>
                <Time at={user.updated_at} as="full" />
              </dd>
            </>
          )}
          <dt>Id</dt>
          <dd>
            <code>{user.id}</code>
          </dd>
        </dl>
        <div className="row">
          <Button onClick={() => setAsking(user.is_active ? "disable" : "enable")}>
            {user.is_active ? "Disable" : "Enable"}
          </Button>
          <Button onClick={() => setAsking(user.is_superuser ? "demote" : "promote")}>
            {user.is_superuser ? "Take administrator’s role away" : "Make administrator"}
          </Button>
          {user.is_active && <LetterAgain user={user} />}
          <Link className="button button--secondary" to={`/admin/events?person=${encodeURIComponent(user.email)}`}>
            Events
          </Link>
        </div>
        {self && <p className="field__hint">This is you.</p>}
      </div>
      {asking && (
        <ConfirmDialog
          title={SWITCHES[asking].title}
          text={SWITCHES[asking].text}
          action={SWITCHES[asking].action}
          busy={busy}
          problem={problem}
          onConfirm={() => submit(asking)}
          onClose={() => {
            clear();
            setAsking(null);
          }}
        />
      )}
    </Card>
  );
}

function Sessions({ user, sessions }: { user: User; sessions: Resource<Session[]> }): ReactElement {
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const { submit, busy, problem, clear } = useSubmit(async () => {
    await userService.endSessionsOf(user.id);
    setAsking(false);
    toast("Every device of the user is logged out.");
    sessions.reload();
  });
  return (
    <section className="card card--flush" aria-labelledby="sessions">
      <div className="card__bar">
        <h2 id="sessions">Devices</h2>
        <Button aria-disabled={sessions.data?.length === 0} onClick={() => setAsking(true)}>
          Log out all
        </Button>
      </div>
      <Loaded resource={sessions} skeleton={<InsetSkeleton />}>
        {(list) => <SessionList sessions={list} />}
      </Loaded>
      {asking && (
        <ConfirmDialog
          title="Log out every device of this user?"
          text={`${user.email} has to log in again, everywhere, from the next request on.`}
          action="Log out all"
          busy={busy}
          problem={problem}
          onConfirm={() => submit()}
          onClose={() => {
            clear();
            setAsking(false);
          }}
        />
      )}
    </section>
  );
}

function Edit({ user, onChange }: PartProps): ReactElement {
  const stepUp = useStepUp();
  const toast = useToast();
  const [saved, setSaved] = useState(0);
  const { submit, busy, problem } = useSubmit(async (change: UserChange) => {
    onChange(await stepUp(() => userService.update(user.id, change)));
    setSaved((times) => times + 1);
    toast("The changes are saved.");
  });
  return (
    <Card title="Change" lead="A new password logs the user out everywhere.">
      <Form
        problem={problem}
        busy={busy}
        fields={["email", "full_name", "password"]}
        asksToLeave
        codes={{ email_taken: "email" }}
        onSubmit={(values) => {
          const email = values.text("email").trim();
          const name = values.optional("full_name");
          const password = values.text("password");
          submit({
            ...(email === user.email ? {} : { email }),
            ...(name === user.full_name ? {} : { full_name: name }),
            ...(password ? { password } : {}),
          });
        }}
      >
        <TextField name="email" label="E-mail" type="email" autoComplete="off" defaultValue={user.email} required />
        <TextField name="full_name" label="Full name" autoComplete="off" defaultValue={user.full_name ?? ""} />
        {/* What else is typed stays: it is what was saved, or what hasn't been yet while another button was pressed. */}
        <PasswordField
          key={saved}
          name="password"
          label="New password"
          autoComplete="new-password"
          hint="Empty: stays as it is."
        />
        <div className="row">
          <SubmitButton>Save changes</SubmitButton>
        </div>
      </Form>
    </Card>
  );
}
