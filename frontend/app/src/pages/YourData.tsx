import { useLatchkey } from "@latchkey/react";
import { useState, type ReactElement } from "react";
import { Button } from "../components/Button";
import { ConfirmDialog } from "../components/Dialog";
import { Card, Page } from "../components/Page";
import { ProblemNotice } from "../components/ProblemNotice";
import { useStepUp } from "../contexts/StepUpContext";
import { useToast } from "../contexts/ToastContext";
import { downloadJson } from "../lib/download";
import { useSubmit } from "../lib/useSubmit";
import userService from "../services/userService";

/** Take a copy of everything the service knows about the reader, or have all of it deleted. */
export default function YourDataPage(): ReactElement {
  const client = useLatchkey();
  const stepUp = useStepUp();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const copy = useSubmit(async () => {
    downloadJson("latchkey-export.json", await stepUp(() => userService.exportMe()));
    toast("Your copy is saved.");
  });
  const removal = useSubmit(() =>
    stepUp(async () => {
      await userService.deleteMe();
      // The session is gone with the account: asking is how this and all other tabs find out.
      await client.reload().catch(() => undefined);
    }),
  );
  const close = (): void => {
    removal.clear();
    setAsking(false);
  };
  return (
    <Page title="Your data" lead="It is yours: take it with you, or have it deleted." narrow>
      <div className="stack stack--loose">
        <Card title="Export" lead="Everything stored about you, as a JSON file: your profile, devices and activity.">
          <div className="stack">
            {copy.problem && <ProblemNotice problem={copy.problem} />}
            <div className="row">
              <Button busy={copy.busy} onClick={() => copy.submit()}>
                Download a copy
              </Button>
            </div>
          </div>
        </Card>
        <Card
          title="Delete account"
          lead="Your account and everything in it is deleted, at once and for good."
          look="danger"
        >
          <div className="row">
            <Button look="danger" onClick={() => setAsking(true)}>
              Delete my account
            </Button>
          </div>
        </Card>
      </div>
      {asking && (
        <ConfirmDialog
          title="Delete your account?"
          text="This can’t be undone. Every device is signed out, and nobody can bring your account back."
          action="Delete for good"
          busy={removal.busy}
          problem={removal.problem}
          onConfirm={() => removal.submit()}
          onClose={close}
        />
      )}
    </Page>
  );
}
