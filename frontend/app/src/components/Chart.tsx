/** Charts by hand: stacked columns or a line, in SVG, with the same numbers as a table for whoever can't see them. */
import { useEffect, useRef, useState, type PointerEvent, type ReactElement, type RefObject } from "react";
import { fill, useWords } from "@latchkey/react";
import { niceTop, ticksOf } from "../lib/scale";
import type { Texts } from "../lib/texts";
import { statistics } from "../words/statistics";

export interface ChartSeries {
  label: string;
  /** One value for each time; null where nothing was measured. */
  values: readonly (number | null)[];
  /** Which of the colours, 1 to 5. */
  colour: 1 | 2 | 3 | 4 | 5;
}

interface ChartProps {
  /** What the picture shows, for those who don't see it. */
  label: string;
  kind: "columns" | "line";
  times: readonly string[];
  series: readonly ChartSeries[];
  texts: Texts;
  height?: number;
}

const MARGIN = { top: 8, right: 4, bottom: 22, left: 40 };

export function Chart({ label, kind, times, series, texts, height = 200 }: ChartProps): ReactElement {
  const words = useWords(statistics);
  const figure = useRef<HTMLElement>(null);
  const width = useWidth(figure);
  const [pointed, setPointed] = useState<number | null>(null);

  const count = times.length;
  const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const slot = inner.width / Math.max(count, 1);
  const totals = times.map((_, index) => series.reduce((sum, each) => sum + (each.values[index] ?? 0), 0));
  const top = niceTop(Math.max(0, ...totals));
  const y = (value: number): number => MARGIN.top + inner.height * (1 - value / top);
  const x = (index: number): number => MARGIN.left + slot * index;
  const at = pointed === null ? undefined : times[pointed];

  const point = (event: PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - box.left) / box.width - MARGIN.left / width) * (width / slot));
    setPointed(index >= 0 && index < count ? index : null);
  };
  return (
    <figure ref={figure} className="chart">
      <svg
        className="chart__plot"
        viewBox={`0 0 ${width} ${height}`}
        height={height}
        role="img"
        aria-label={fill(words["statistics.seen"], { chart: label })}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setPointed(null)}
      >
        {[0, top / 2, top].map((value) => (
          <g key={value}>
            <line className="chart__grid" x1={MARGIN.left} x2={width - MARGIN.right} y1={y(value)} y2={y(value)} />
            <text className="chart__label" x={MARGIN.left - 8} y={y(value) + 4} textAnchor="end">
              {Number.isInteger(value) ? texts.number(value) : ""}
            </text>
          </g>
        ))}
        {ticksOf(count, Math.max(2, Math.floor(inner.width / 110))).map((index) => (
          <text
            key={index}
            className="chart__label"
            x={x(index) + slot / 2}
            y={height - 4}
            textAnchor={index === 0 ? "start" : index === count - 1 ? "end" : "middle"}
          >
            {texts.time(times[index] ?? "", "short")}
          </text>
        ))}
        {kind === "columns" ? (
          <Columns series={series} count={count} x={x} y={y} slot={slot} />
        ) : (
          <Lines series={series} x={(index) => x(index) + slot / 2} y={y} />
        )}
        {pointed !== null && (
          <rect className="chart__cursor" x={x(pointed)} y={MARGIN.top} width={slot} height={inner.height} />
        )}
      </svg>
      <figcaption className="chart__caption">
        {series.length > 1 && <Legend series={series} />}
        <p className="chart__readout" aria-hidden="true">
          {at !== undefined && pointed !== null && `${texts.time(at, "full")}: ${wordsOf(series, pointed, texts)}`}
        </p>
        <NumbersTable label={label} times={times} series={series} texts={texts} />
      </figcaption>
    </figure>
  );
}

function wordsOf(series: readonly ChartSeries[], index: number, texts: Texts): string {
  return series.map(({ label, values }) => `${label}: ${shown(values[index], texts)}`).join(", ");
}

function shown(value: number | null | undefined, texts: Texts): string {
  return value === null || value === undefined ? "–" : texts.number(value);
}

interface Drawing {
  series: readonly ChartSeries[];
  x: (index: number) => number;
  y: (value: number) => number;
}

/** Columns, one series on top of the other. */
function Columns({ series, count, x, y, slot }: Drawing & { count: number; slot: number }): ReactElement {
  const gap = slot > 6 ? Math.min(slot * 0.25, 6) : 1;
  return (
    <>
      {Array.from({ length: count }, (_, index) => {
        let base = 0;
        return series.map(({ label, values, colour }) => {
          const value = values[index] ?? 0;
          const from = base;
          base += value;
          return value === 0 ? null : (
            <rect
              key={`${label} ${index}`}
              className={`chart__bar chart__series-${colour}`}
              x={x(index) + gap / 2}
              width={Math.max(slot - gap, 1)}
              y={y(base)}
              height={Math.max(y(from) - y(base), 1)}
            />
          );
        });
      })}
    </>
  );
}

/** A line with a tinted ground; it breaks where nothing was measured. */
function Lines({ series, x, y }: Drawing): ReactElement {
  return (
    <>
      {series.map(({ label, values, colour }) =>
        piecesOf(values).map((piece) => {
          const path = piece.map(([index, value]) => `${x(index)} ${y(value)}`).join("L");
          const first = piece[0]?.[0] ?? 0;
          const last = piece.at(-1)?.[0] ?? 0;
          return (
            <g key={`${label} ${first}`} className={`chart__series-${colour}`}>
              <path className="chart__area" d={`M${path}L${x(last)} ${y(0)}L${x(first)} ${y(0)}Z`} />
              <path className="chart__line" d={`M${path}`} />
              {piece.length === 1 && piece[0] && <circle cx={x(first)} cy={y(piece[0][1])} r={2.5} />}
            </g>
          );
        }),
      )}
    </>
  );
}

/** The runs of values without a gap, each value with its index. */
function piecesOf(values: readonly (number | null)[]): [number, number][][] {
  const pieces: [number, number][][] = [[]];
  values.forEach((value, index) => {
    if (value === null) pieces.push([]);
    else pieces.at(-1)?.push([index, value]);
  });
  return pieces.filter((piece) => piece.length > 0);
}

function Legend({ series }: { series: readonly ChartSeries[] }): ReactElement {
  return (
    <div className="legend" aria-hidden="true">
      {series.map(({ label, colour }) => (
        <span key={label} className="legend__entry">
          <svg width={10} height={10} className={`chart__series-${colour}`}>
            <rect width={10} height={10} rx={2} />
          </svg>
          <span>{label}</span>
        </span>
      ))}
    </div>
  );
}

function NumbersTable({
  label,
  times,
  series,
  texts,
}: Pick<ChartProps, "label" | "times" | "series" | "texts">): ReactElement {
  const words = useWords(statistics);
  const called = fill(words["statistics.numbersTable"], { chart: label });
  return (
    <details className="chart__details">
      <summary>
        {words["statistics.numbers"]}
        <span className="visually-hidden">{fill(words["statistics.numbersOf"], { chart: label })}</span>
      </summary>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard has to reach it */}
      <div className="chart__scroll" tabIndex={0} role="region" aria-label={called}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{words["statistics.time"]}</th>
              {series.map((each) => (
                <th key={each.label} scope="col" className="table__number">
                  {each.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {times.map((at, index) => (
              <tr key={at}>
                <th scope="row">{texts.time(at, "full")}</th>
                {series.map((each) => (
                  <td key={each.label} className="table__number">
                    {shown(each.values[index], texts)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** The width that is there, so that a chart is drawn for it: text that shrank with the picture would be unreadable on a phone. */
function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(640);
  useEffect(() => {
    if (!element.current || typeof ResizeObserver === "undefined") return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) setWidth(Math.round(entry.contentRect.width));
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
