/**
 * Stands in front of the service, and writes down what browsers say to it: much of what they do for a bound session is
 * seen by no page, and not by Playwright either.
 */
import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext } from "playwright-core";
import { QUIET, WITHOUT } from "./browser";

/** One exchange that has to do with sessions: what was sent along, and what was answered. */
export interface Passed {
  at: number;
  method: string;
  path: string;
  sent: IncomingHttpHeaders;
  status: number;
  answered: IncomingHttpHeaders;
  /** How the browser is called that sent it. */
  by: string;
}

export interface Front {
  passed: Passed[];
  /** Everything, pages and what belongs to them, too. */
  all: Passed[];
  /** Those of one browser to a path of /api/auth. */
  of(by: string, path: string): Passed[];
  close(): Promise<void>;
}

/** Serve `url`, which is https, with what is at `behind`. */
export async function front(url: string, behind: string): Promise<Front> {
  const passed: Passed[] = [];
  const all: Passed[] = [];
  const pass = (asked: IncomingMessage, answer: ServerResponse): void => {
    const { method = "GET", url: path = "/", headers } = asked;
    const onward = request(behind + path, { method, headers }, (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      const by = /told\/(\w+)/.exec(headers["user-agent"] ?? "")?.[1] ?? "";
      const one = { at: Date.now(), method, path, sent: headers, status, answered, by };
      all.push(one);
      if (path.startsWith("/api/")) passed.push(one);
      answer.writeHead(status, response.rawHeaders);
      response.pipe(answer);
      response.on("error", () => answer.destroy());
    });
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    asked.pipe(onward);
  };
  const server = createServer(certificate(), pass);
  await new Promise<void>((resolve) => server.listen(Number(new URL(url).port), "localhost", resolve));
  return {
    passed,
    all,
    of: (by, path) => passed.filter((one) => one.by === by && one.path.split("?")[0] === `/api/auth/${path}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** One for all, made when it is needed first. */
let made: { key: Buffer; cert: Buffer } | undefined;

function certificate(): { key: Buffer; cert: Buffer } {
  return (made ??= make());
}

/** What Chromium takes our certificate by. Had it to overlook an error instead, it would bind no session. */
function trusted(): string {
  const key = new X509Certificate(certificate().cert).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}

function make(): { key: Buffer; cert: Buffer } {
  const directory = mkdtempSync(join(tmpdir(), "front-"));
  try {
    const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(directory, name)) as [string, string];
    const wanted = [
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-subj",
      "/CN=localhost",
    ];
    execFileSync("openssl", ["req", ...wanted, "-days", "2", "-keyout", key, "-out", cert], { stdio: "ignore" });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

/**
 * A browser with a profile of its own, called `name`; it keeps keys for sessions, in software, if it is to. Chromium signs
 * six times in nine minutes, for all sessions of a site together: `rationed` where that is to be seen. It is gone with its
 * `directory` when it is closed, unless it `keeps` that: to be opened again.
 */
export async function profile(
  name: string,
  { binds = true, rationed = false, directory = mkdtempSync(join(tmpdir(), `profile-${name}-`)), keeps = false } = {},
): Promise<BrowserContext> {
  const how = binds && !rationed ? ":RefreshQuota/false" : "";
  const features = [`DeviceBoundSessions${how}`, "EnableBoundSessionCredentialsSoftwareKeysForManualTesting"];
  const context = await chromium.launchPersistentContext(directory, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      ...QUIET,
      // Not as an option of the context: what a browser sends by itself knows nothing of that.
      `--user-agent=${AGENT} told/${name}`,
      `--ignore-certificate-errors-spki-list=${trusted()}`,
      ...(binds ? [`--enable-features=${features.join(",")}`] : []),
      `--disable-features=${[...WITHOUT, ...(binds ? [] : features)].join(",")}`,
    ],
    reducedMotion: "reduce",
    viewport: { width: 1280, height: 900 },
  });
  if (!keeps)
    context.on("close", () => {
      // It still writes for a moment; what it leaves in the end is the system's to clear away.
      rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }).catch(() => undefined);
    });
  return context;
}

/** What is said of bound sessions in some exchanges, a line each: for people to read. */
export function told(passed: readonly Passed[], since = passed[0]?.at ?? 0): string {
  const short = (text: string) =>
    text.replace(/[A-Za-z0-9_-]{24,}/g, (long) => `${long.slice(0, 6)}…${long.slice(-4)}`);
  const kept = /^(secure-session-|sec-secure-session-|retry-after)/;
  const lines = passed.map(({ at, method, path, sent, status, answered, by }) => {
    const said = (headers: IncomingHttpHeaders) =>
      Object.entries(headers)
        .filter(([header]) => kept.test(header))
        .map(([header, value]) => `${header}: ${short(String(value))}`);
    const cookies = /__Host-device-proof=([^;]{4})/.exec(sent.cookie ?? "")?.[0];
    const set = (answered["set-cookie"] ?? []).map((cookie) => short(cookie.split("; HttpOnly")[0] ?? ""));
    const parts = [...said(sent), ...(cookies ? [cookies] : []), "→", String(status), ...said(answered), ...set];
    return `${((at - since) / 1000).toFixed(1).padStart(7)} ${by} ${method} ${path} ${parts.join(" | ")}`;
  });
  return lines.join("\n");
}
