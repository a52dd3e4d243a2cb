"use client";

import { useState, type ReactElement } from "react";
import { useSetting, useWords } from "../core/setting.js";
import { useAction } from "../hooks/useAction.js";
import { moments } from "../messages/moments.js";
import { Button } from "../ui/Button.js";
import { Confirm } from "../ui/Confirm.js";

/** Logs the user out on all devices, after a question. */
export function Everywhere({ look = "quiet" }: { look?: "quiet" | "secondary" }): ReactElement {
  const { client } = useSetting();
  const words = useWords(moments);
  const [asking, setAsking] = useState(false);
  const everywhere = useAction(() => client.logout({ everywhere: true }));
  return (
    <>
      <Button look={look} onClick={() => setAsking(true)}>
        {words.logOutEverywhere}
      </Button>
      {asking && (
        <Confirm
          title={words.everywhereTitle}
          text={words.everywhereText}
          action={words.logOutEverywhere}
          doing={everywhere}
          onConfirm={() => void everywhere.submit()}
          onClose={() => {
            everywhere.clear();
            setAsking(false);
          }}
        />
      )}
    </>
  );
}
