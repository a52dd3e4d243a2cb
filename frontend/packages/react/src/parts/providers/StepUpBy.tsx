"use client";

/** Showing again who one is by logging in at a provider once more: the page is left, and comes back. */
import type { ReactElement } from "react";
import { provingFresh } from "../../core/options.js";
import { useSetting } from "../../core/setting.js";
import { spokenOfProviders, useProviderWords } from "../../core/spoken.js";
import { pathHere, useIdentities, useProviderName, useProviders } from "../../hooks/useProviders.js";
import { providers as messages } from "../../messages/providers.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { ProblemNotice } from "../../ui/Notice.js";
import { Mark } from "./Buttons.js";
import { ofProvider } from "./problem.js";

function All(): ReactElement | null {
  const words = useProviderWords(messages);
  const c = useClass();
  const { identities } = useIdentities();
  const { asked } = useSetting();
  const { start, to } = useProviders();
  const problem = ofProvider(start.problem, words, useProviderName(to));
  const linked = provingFresh(asked).filter(({ id }) => identities?.some(({ provider }) => provider === id));
  if (linked.length === 0) return null;
  return (
    <>
      <div role="alert" className="lk-region">
        {problem && <ProblemNotice problem={problem} wait={start.wait} announce={false} />}
      </div>
      {linked.map(({ id, name, brand }) => (
        <Button
          key={id}
          wide
          busy={start.busy && to === id}
          aria-disabled={start.busy || start.wait > 0}
          data-brand={brand}
          onClick={() => void start.submit(id, { intent: "reauthenticate", returnTo: pathHere() })}
        >
          <Mark />
          <span>{fill(words.stepUpBy, { name })}</span>
        </Button>
      ))}
      <p className={c("hint")}>{words.stepUpLeaves}</p>
    </>
  );
}

export const StepUpBy = spokenOfProviders(All, null);
