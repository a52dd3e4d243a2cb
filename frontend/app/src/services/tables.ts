/** Lists as files, for spreadsheets. */
import { NetworkError, ProblemError } from "@latchkey/client";
import { download } from "../lib/download";
import api from "./api";

const CSV = "text/csv;charset=utf-8";
/** Without it, spreadsheets take the file for one in the old encoding of its country. */
const MARK = "\uFEFF";

/** Fetch the table at `path` and hand it to the person. Rejects as calls do, and when it didn't come whole. */
export async function downloadTable(path: string, query: Record<string, string | boolean | null>): Promise<void> {
  const given = Object.entries(query).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]));
  const name = path.split("/").at(-1) ?? path;
  const answer = await api.fetch(new URL(`${path}?${new URLSearchParams(given)}`, window.location.href));
  if (!answer.ok) throw await problemIn(answer);
  const table = await answer.blob().catch((cause: unknown) => {
    throw new NetworkError(false, { cause });
  });
  download(name, [MARK, table], CSV);
}

async function problemIn(answer: Response): Promise<Error> {
  const said: unknown = await answer.json().catch(() => null);
  const { code, detail, request_id: id } = (said ?? {}) as { code?: string; detail?: string; request_id?: string };
  if (!code) return new NetworkError(false);
  const wait = Number(answer.headers.get("retry-after")) || undefined;
  return new ProblemError(answer.status, code, detail ?? "", [], undefined, wait, id);
}
