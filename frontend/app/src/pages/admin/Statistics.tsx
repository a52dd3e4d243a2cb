import { Button, ProblemNotice, useKept, useWords } from "@latchkey/react";
import { useMemo, useState, type ReactElement } from "react";
import "../../styles/charts.css";
import { Chart, type ChartSeries } from "../../components/Chart";
import { Skeleton } from "../../components/Loading";
import { Card, Page } from "../../components/Page";
import { LOCALE } from "../../lib/time";
import { en } from "../../words/en";
import statisticsService, { type Series, type Step } from "../../services/statisticsService";
import { align, totalOf, windowOf } from "./statistics";

const REFRESHES = [
  ["refresh.rotated", "Rotated", "The ordinary case: a key was exchanged for the next one.", 1],
  ["refresh.replayed", "Replayed", "The same again: two tabs at once, or an answer that got lost.", 3],
  ["refresh.expired", "Expired", "Somebody came back after too long.", 5],
  ["refresh.revoked", "Revoked", "The session had been ended.", 4],
  ["refresh.reused", "Reused", "A copy was used: theft, or a broken client. Worth a look.", 2],
] as const;

const shortHour = new Intl.DateTimeFormat(LOCALE, { weekday: "short", hour: "2-digit", minute: "2-digit" });
const fullHour = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });
// Days are UTC days: in the reader's own zone, midnight UTC would often be the day before.
const shortDay = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", timeZone: "UTC" });
const fullDay = new Intl.DateTimeFormat(LOCALE, { dateStyle: "full", timeZone: "UTC" });

const TEXTS = {
  hour: { short: shortHour, full: fullHour },
  day: { short: shortDay, full: fullDay },
} as const;

/** Log-ins, refreshes and active sessions over time. */
export default function StatisticsPage(): ReactElement {
  const [step, setStep] = useState<Step>("hour");
  const [opened] = useState(() => Date.now());
  const span = useMemo(() => windowOf(step, opened), [step, opened]);
  const words = useWords(en);
  const { data, problem, reload } = useKept(`statistics ${step}`, () => statisticsService.read(span));
  const timeText = (at: string, form: "short" | "full"): string => TEXTS[step][form].format(new Date(at));
  return (
    <Page
      title="Statistics"
      lead={step === "hour" ? "The last two days, hour by hour." : "The last thirty days (UTC), day by day."}
      actions={
        <div className="segments" role="group" aria-label="Steps">
          {(["hour", "day"] as const).map((each) => (
            <button
              key={each}
              type="button"
              className="segments__button"
              aria-pressed={step === each}
              onClick={() => setStep(each)}
            >
              {each === "hour" ? "Hours" : "Days"}
            </button>
          ))}
        </div>
      }
    >
      {problem && (
        <ProblemNotice problem={problem}>
          <Button onClick={() => void reload()}>{words.tryAgain}</Button>
        </ProblemNotice>
      )}
      {data ? (
        <Charts series={data} times={span.times} timeText={timeText} />
      ) : (
        !problem && <Skeleton block lines={2} />
      )}
    </Page>
  );
}

interface ChartsProps {
  series: readonly Series[];
  times: readonly string[];
  timeText: (at: string, form: "short" | "full") => string;
}

function Charts({ series, times, timeText }: ChartsProps): ReactElement {
  const counted = (name: string, label: string, colour: ChartSeries["colour"]): ChartSeries => ({
    label,
    colour,
    values: align(series, name, times, 0),
  });
  const logins = [counted("login.succeeded", "Succeeded", 1), counted("login.failed", "Failed", 2)];
  const active: ChartSeries = {
    label: "Active sessions",
    colour: 3,
    values: align(series, "sessions.active", times, null),
  };
  return (
    <div className="stack stack--loose">
      <Card title="Log-ins" lead={`${totalOf(logins[0])} succeeded, ${totalOf(logins[1])} failed.`}>
        <Chart kind="columns" label="Log-ins, succeeded and failed" times={times} series={logins} timeText={timeText} />
      </Card>
      <Card title="Active sessions" lead="How many devices were logged in.">
        <Chart kind="line" label="Active sessions" times={times} series={[active]} timeText={timeText} />
      </Card>
      <section className="stack" aria-labelledby="refreshes">
        <h2 id="refreshes">Refreshes, by how they ended</h2>
        <div className="cards">
          {REFRESHES.map(([name, label, lead, colour]) => {
            const values = counted(name, label, colour);
            return (
              <section key={name} className="card" aria-label={label}>
                <h3>{label}</h3>
                <p className="chart__figure">{totalOf(values)}</p>
                <p className="card__lead">{lead}</p>
                <Chart
                  kind="columns"
                  label={`Refreshes: ${label.toLowerCase()}`}
                  times={times}
                  series={[values]}
                  timeText={timeText}
                  height={110}
                />
              </section>
            );
          })}
        </div>
      </section>
    </div>
  );
}
