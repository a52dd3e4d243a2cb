import { useLatchkey } from "@latchkey/react";
import { useState, type ReactElement } from "react";
import { Button } from "../components/Button";
import { ConfirmDialog } from "../components/Dialog";
import { InsetSkeleton, Loaded } from "../components/Loading";
import { Page } from "../components/Page";
import { SessionList } from "../components/SessionList";
import { useToast } from "../contexts/ToastContext";
import { useResource } from "../lib/useResource";
import { useSubmit } from "../lib/useSubmit";
import sessionService from "../services/sessionService";
import type { Session } from "../services/types";

/** What the reader is asked to confirm: one device, all the others, or every one. */
type Target = Session | "others" | "everywhere";

/** The devices that are signed in: end one, the others, or all of them. */
export default function DevicesPage(): ReactElement {
  const client = useLatchkey();
  const toast = useToast();
  const sessions = useResource("sessions", (signal) => sessionService.list(signal));
  const [target, setTarget] = useState<Target | null>(null);

  const { submit, busy, problem, clear } = useSubmit(async (chosen: Target) => {
    if (chosen === "everywhere") {
      await client.logout({ everywhere: true });
      return;
    }
    if (chosen === "others") {
      await sessionService.endOthers();
      toast("All other devices are signed out.");
    } else if (chosen.current) {
      await client.logout();
      return;
    } else {
      await sessionService.end(chosen.id);
      toast(`${chosen.device} is signed out.`);
    }
    setTarget(null);
    sessions.reload();
  });
  const close = (): void => {
    clear();
    setTarget(null);
  };
  const others = (sessions.data ?? []).some((session) => !session.current);
  return (
    <Page
      title="Devices"
      lead="Where you are signed in. Sign out what you don’t know or no longer use: it takes effect at once."
      actions={
        <>
          {others && <Button onClick={() => setTarget("others")}>Sign out all others</Button>}
          <Button onClick={() => setTarget("everywhere")}>Sign out everywhere</Button>
        </>
      }
    >
      <section className="card card--flush" aria-label="Signed-in devices">
        <Loaded resource={sessions} skeleton={<InsetSkeleton lines={6} />}>
          {(list) => <SessionList sessions={list} onEnd={setTarget} />}
        </Loaded>
      </section>
      {target !== null && (
        <ConfirmDialog
          {...wording(target)}
          busy={busy}
          problem={problem}
          onConfirm={() => submit(target)}
          onClose={close}
        />
      )}
    </Page>
  );
}

function wording(target: Target): { title: string; text: string; action: string } {
  if (target === "others") {
    return {
      title: "Sign out all other devices?",
      text: "Only this one stays signed in.",
      action: "Sign out all others",
    };
  }
  if (target === "everywhere") {
    return {
      title: "Sign out everywhere?",
      text: "Every device is signed out, this one too. You’ll have to log in again.",
      action: "Sign out everywhere",
    };
  }
  return {
    title: target.current ? "Sign out of this device?" : `Sign out ${target.device}?`,
    text: target.current ? "You’ll have to log in again." : `The device at ${target.ip} has to log in again.`,
    action: "Sign out",
  };
}
