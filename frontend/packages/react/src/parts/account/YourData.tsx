"use client";

import { useState, type ReactElement } from "react";
import { useWords } from "../../core/setting.js";
import { useData } from "../../hooks/useAccount.js";
import { account } from "../../messages/account.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Confirm } from "../../ui/Confirm.js";
import { ProblemNotice } from "../../ui/Notice.js";
import { Card, Said, Section } from "./pieces.js";

/** Take a copy of everything the service knows about the reader, or have all of it deleted. */
export function YourData(): ReactElement {
  const words = useWords(account);
  const c = useClass();
  const { copy, remove } = useData();
  const [copied, setCopied] = useState(false);
  const [asking, setAsking] = useState(false);
  return (
    <Section title={words.yourData} lead={words.dataLead}>
      <Card title={words.copy} lead={words.copyText}>
        <div role="alert" className="lk-region">
          {copy.problem && <ProblemNotice problem={copy.problem} wait={copy.wait} announce={false} />}
        </div>
        <Said>{copied && <p>{words.copyDone}</p>}</Said>
        <div className={c("row")}>
          <Button
            busy={copy.busy}
            aria-disabled={copy.wait > 0}
            onClick={() => {
              setCopied(false);
              void copy.submit().then(setCopied);
            }}
          >
            {words.copyAction}
          </Button>
        </div>
      </Card>
      <Card title={words.remove} lead={words.removeText} look="danger">
        <div className={c("row")}>
          <Button look="danger" onClick={() => setAsking(true)}>
            {words.removeAction}
          </Button>
        </div>
      </Card>
      {asking && (
        <Confirm
          title={words.removeTitle}
          text={words.removeSure}
          action={words.removeForGood}
          doing={remove}
          onConfirm={() => void remove.submit()}
          onClose={() => {
            remove.clear();
            setAsking(false);
          }}
        />
      )}
    </Section>
  );
}
