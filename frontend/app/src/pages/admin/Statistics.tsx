import { Button, fill, ProblemNotice, useKept, useSetting, useWords } from "@latchkey/react";
import { useMemo, useState, type ReactElement } from "react";
import "../../styles/charts.css";
import { Chart, type ChartSeries } from "../../components/Chart";
import { Skeleton } from "../../components/Loading";
import { Card, Page } from "../../components/Page";
import { textsOf, type Texts } from "../../lib/texts";
import { en } from "../../words/en";
import { statistics } from "../../words/statistics";
import statisticsService, { type Series, type Step } from "../../services/statisticsService";
import { align, totalOf, windowOf } from "./statistics";

const WORDS = { ...en, ...statistics };

const REFRESHES = [
  ["rotated", 1],
  ["replayed", 3],
  ["expired", 5],
  ["revoked", 4],
  ["reused", 2],
] as const;

/** Log-ins, refreshes and active sessions over time. */
export default function StatisticsPage(): ReactElement {
  const [step, setStep] = useState<Step>("hour");
  const [opened] = useState(() => Date.now());
  const span = useMemo(() => windowOf(step, opened), [step, opened]);
  const words = useWords(WORDS);
  const { language } = useSetting();
  const texts = useMemo(() => textsOf(step, language), [step, language]);
  const { data, problem, reload } = useKept(`statistics ${step}`, () => statisticsService.read(span));
  return (
    <Page
      title={words["app.statistics"]}
      lead={step === "hour" ? words["statistics.hourly"] : words["statistics.daily"]}
      actions={
        <div className="segments" role="group" aria-label={words["statistics.steps"]}>
          {(["hour", "day"] as const).map((each) => (
            <button
              key={each}
              type="button"
              className="segments__button"
              aria-pressed={step === each}
              onClick={() => setStep(each)}
            >
              {each === "hour" ? words["statistics.hours"] : words["statistics.days"]}
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
      {data ? <Charts series={data} times={span.times} texts={texts} /> : !problem && <Skeleton block lines={2} />}
    </Page>
  );
}

interface ChartsProps {
  series: readonly Series[];
  times: readonly string[];
  texts: Texts;
}

function Charts({ series, times, texts }: ChartsProps): ReactElement {
  const words = useWords(WORDS);
  const shared = { times, texts };
  const counted = (name: string, label: string, colour: ChartSeries["colour"]): ChartSeries => ({
    label,
    colour,
    values: align(series, name, times, 0),
  });
  const succeeded = counted("login.succeeded", words["statistics.succeeded"], 1);
  const failed = counted("login.failed", words["statistics.failed"], 2);
  const active: ChartSeries = {
    label: words["statistics.active"],
    colour: 3,
    values: align(series, "sessions.active", times, null),
  };
  const totals = { succeeded: texts.number(totalOf(succeeded)), failed: texts.number(totalOf(failed)) };
  return (
    <div className="stack stack--loose">
      <Card title={words["statistics.logins"]} lead={fill(words["statistics.loginsText"], totals)}>
        <Chart kind="columns" label={words["statistics.loginsChart"]} series={[succeeded, failed]} {...shared} />
      </Card>
      <Card title={words["statistics.active"]} lead={words["statistics.activeText"]}>
        <Chart kind="line" label={words["statistics.active"]} series={[active]} {...shared} />
      </Card>
      <section className="stack" aria-labelledby="refreshes">
        <h2 id="refreshes">{words["statistics.refreshes"]}</h2>
        <div className="cards">
          {REFRESHES.map(([name, colour]) => {
            const label = words[`statistics.${name}`];
            const values = counted(`refresh.${name}`, label, colour);
            return (
              <section key={name} className="card" aria-label={label}>
                <h3>{label}</h3>
                <p className="chart__figure">{texts.number(totalOf(values))}</p>
                <p className="card__lead">{words[`statistics.${name}Text`]}</p>
                <Chart
                  kind="columns"
                  label={fill(words["statistics.refreshesChart"], { how: label })}
                  series={[values]}
                  height={110}
                  {...shared}
                />
              </section>
            );
          })}
        </div>
      </section>
    </div>
  );
}
