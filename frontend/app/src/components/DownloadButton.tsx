import type { ReactElement } from "react";
import { useSubmit } from "../lib/useSubmit";
import { downloadTable } from "../services/tables";
import { Button } from "./Button";
import { ProblemNotice } from "./ProblemNotice";

/** Downloads a list as it is filtered and sorted now, all of its pages. */
export function DownloadButton({
  path,
  query,
}: {
  path: string;
  query: Record<string, string | boolean | null>;
}): ReactElement {
  const { submit, busy, problem } = useSubmit(() => downloadTable(path, query));
  return (
    <>
      <Button busy={busy} onClick={() => submit()}>
        Download CSV
      </Button>
      {problem && (
        <div className="row__wide">
          <ProblemNotice problem={problem} />
        </div>
      )}
    </>
  );
}
