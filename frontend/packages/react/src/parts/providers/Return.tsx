"use client";

/** The page that a provider leads back to. */
import { forgetProvider, takeProviderAnswer } from "@latchkey/client/providers";
import { useCallback, useEffect, useState, type ReactElement } from "react";
import { useAuth, useSetting } from "../../core/setting.js";
import { spokenOfProviders, useProviderWords } from "../../core/spoken.js";
import { useProviderName, useProviderReturn } from "../../hooks/useProviders.js";
import { letters } from "../../messages/letters.js";
import { providers as messages } from "../../messages/providers.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { Link } from "../../ui/Link.js";
import { Notice, ProblemNotice } from "../../ui/Notice.js";
import { Part, Ways } from "../../ui/Part.js";
import { Title } from "../../ui/Title.js";
import { SecondStep } from "../Moments.js";
import { Waiting } from "../Waiting.js";
import { Join } from "./Join.js";
import { ofProvider, RETURNED } from "./problem.js";

const WORDS = { ...messages, ...letters };

const LEFT: readonly (string | undefined)[] = ["second_factor_required", "enrolment_required"];

function Coming(): ReactElement {
  const words = useProviderWords(WORDS);
  const { links, owed, go } = useSetting();
  const { user, loading } = useAuth();
  const { provider, finish, done, onward, waiting, wait, again } = useProviderReturn();
  const name = useProviderName(provider);
  const { submit } = finish;
  useEffect(() => void submit(), [submit]);
  const leave = useCallback(() => {
    forgetProvider();
    go(onward, true);
  }, [go, onward]);
  useEffect(() => {
    if (done) leave();
  }, [done, leave]);
  const failed = finish.problem;
  // Whoever is in already goes on: that has to be known first.
  if (!owed && !waiting && (done || !failed || (loading && failed.code === "invalid_grant"))) return <Waiting />;
  // Where something was away it can be asked once more; with anything else one begins anew.
  const same = failed?.passing === true || failed?.status === 429;
  // A second step that the reader has left is nothing that went wrong.
  const wrong = LEFT.includes(failed?.code) ? null : failed;
  const problem = ofProvider(again.problem, words, name) ?? ofProvider(wrong, words, name, RETURNED);
  return (
    <Part>
      {owed ? (
        <SecondStep onDone={leave} />
      ) : waiting ? (
        <Join waiting={waiting} name={name} wait={wait} again={again} onDone={leave} />
      ) : (
        <>
          <Title of={provider ?? ""}>{fill(words.byProvider, { name })}</Title>
          <div role="alert" className="lk-region">
            {problem?.code === "provider_cancelled" ? (
              <Notice announce={false}>
                <p>{problem.message}</p>
              </Notice>
            ) : (
              problem && <ProblemNotice problem={problem} wait={finish.wait || again.wait} announce={false} />
            )}
          </div>
          <Button
            look="primary"
            wide
            busy={again.busy || finish.busy}
            aria-disabled={finish.wait > 0 || again.wait > 0}
            onClick={() => void (same ? submit() : again.submit())}
          >
            {same ? words.tryAgain : fill(words.providerAgain, { name })}
          </Button>
        </>
      )}
      {!owed && (
        <Ways>
          {user ? (
            <Link to={links.settings ?? links.account ?? "/"}>{words.toAccount}</Link>
          ) : (
            <Link to={links.signIn ?? "/"}>{words.toLogIn}</Link>
          )}
        </Ways>
      )}
    </Part>
  );
}

const Spoken = spokenOfProviders(Coming);

/** Finishes what was begun with a provider, and goes on; or says why not, and what else there is. */
export function Return(): ReactElement {
  // What it says leaves the address bar at once, before there are words for it.
  useState(takeProviderAnswer);
  return <Spoken />;
}
