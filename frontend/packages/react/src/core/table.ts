/** Tables that administrators take along: loaded when one is wanted. */
import { NetworkError, ProblemError, type LatchkeyClient } from "@latchkey/client";

/** Without it, spreadsheets take the file for one in the old encoding of its country. */
const MARK = "\uFEFF";

/** Fetch the table at `path` and hand it to the person. Rejects as calls do, and when it didn't come whole. */
export async function downloadTable(
  client: LatchkeyClient,
  path: string,
  query: Readonly<Record<string, string | boolean | null>>,
): Promise<void> {
  const given = Object.entries(query).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]));
  const search = new URLSearchParams(given).toString();
  const answer = await client.fetch(new URL(`${client.baseUrl}${path}?${search}`, window.location.href));
  if (!answer.ok) throw await problemIn(answer);
  const table = await answer.blob().catch((cause: unknown) => {
    throw new NetworkError(false, { cause });
  });
  const url = URL.createObjectURL(new Blob([MARK, table], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = path.split("/").at(-1) ?? path;
  link.click();
  URL.revokeObjectURL(url);
}

async function problemIn(answer: Response): Promise<Error> {
  const said: unknown = await answer.json().catch(() => null);
  const { code, detail, request_id: id } = (said ?? {}) as { code?: string; detail?: string; request_id?: string };
  if (!code) return new NetworkError(false);
  const wait = Number(answer.headers.get("retry-after")) || undefined;
  return new ProblemError(answer.status, code, detail ?? "", [], undefined, wait, id);
}
