"use client";

/** Logging in with an account at another provider: a button for each. */
import type { ReactElement } from "react";
import { goingOn } from "../../core/back.js";
import { providersOf } from "../../core/options.js";
import { useSetting } from "../../core/setting.js";
import { spokenOfProviders, useProviderWords } from "../../core/spoken.js";
import { pathHere, useProviderName, useProviders } from "../../hooks/useProviders.js";
import { providers as messages } from "../../messages/providers.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { ProblemNotice } from "../../ui/Notice.js";
import { SoonProviders, type ProvidersProps } from "../Moments.js";
import { ofProvider } from "./problem.js";

function All({ after, registering }: ProvidersProps): ReactElement {
  const words = useProviderWords(messages);
  const { asked, links } = useSetting();
  const { start, to } = useProviders();
  const { busy, wait } = start;
  const problem = ofProvider(start.problem, words, useProviderName(to));
  return (
    <>
      <div role="alert" className="lk-region">
        {problem && <ProblemNotice problem={problem} wait={wait} announce={false} />}
      </div>
      {providersOf(asked, registering).map(({ id, name, brand }) => (
        <Button
          key={id}
          wide
          busy={busy && to === id}
          aria-disabled={busy || wait > 0}
          data-brand={brand}
          onClick={() => {
            // As the part says, or where they were going; or this very page, where nothing leads away from it.
            const home = links.account === undefined ? pathHere() : undefined;
            void start.submit(id, { returnTo: after ?? goingOn() ?? home });
          }}
        >
          <Mark />
          <span>{fill(words.byProvider, { name })}</span>
        </Button>
      ))}
    </>
  );
}

/** A door, and a way in. Providers have rules for their own marks: who wants one draws it by `data-brand`. */
export function Mark(): ReactElement {
  return (
    <svg
      className="lk-mark"
      viewBox="0 0 24 24"
      width={20}
      height={20}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.75}
      aria-hidden="true"
    >
      <path d="M13 4h6v16h-6M4 12h10M10.5 8l4 4-4 4" />
    </svg>
  );
}

export const Buttons = spokenOfProviders(All, SoonProviders);
