import { describe, expect, it } from "vitest";
import { problemOf, ProblemError } from "../src/problem";
import { de } from "../src/de";
import { en } from "../src/en";
import { sentenceOf } from "../src/reasons";

function answer(status: number, body: string, headers: Record<string, string> = {}): Promise<ProblemError> {
  return problemOf(new Response(body, { status, headers }));
}

describe("a problem", () => {
  it("has all that the service says", async () => {
    const members = { code: "validation_error", detail: "Not acceptable.", request_id: "r1" };
    const errors = [{ pointer: "/email", detail: "No address." }];
    const problem = await answer(422, JSON.stringify({ ...members, errors }));
    expect(problem).toMatchObject({ status: 422, code: "validation_error", detail: "Not acceptable.", errors });
    expect(problem).toMatchObject({ message: "Not acceptable.", requestId: "r1", passing: false });
  });

  it("says how long to wait", async () => {
    expect((await answer(429, '{"code":"rate_limited"}', { "Retry-After": "7" })).retryAfter).toBe(7);
    expect((await answer(503, "{}", { "Retry-After": "soon" })).retryAfter).toBeUndefined();
    expect((await answer(503, "{}")).retryAfter).toBeUndefined();
  });

  it.each(["<html>Bad gateway</html>", "", "null", '"text"', "[]"])(
    "is made of whatever a proxy says: %s",
    async (body) => {
      expect(await answer(502, body)).toMatchObject({ status: 502, code: "unavailable", errors: [], passing: true });
      expect(await answer(413, body)).toMatchObject({ status: 413, code: "unexpected", passing: false });
    },
  );
});

describe("a reason", () => {
  it("has a sentence, also the unknown one", () => {
    expect(sentenceOf("ended_elsewhere")).toMatch(/another device/);
    expect(sentenceOf("revoked")).toMatch(/operators/);
    expect(sentenceOf("expired")).toMatch(/away/);
    expect(sentenceOf("reused")).toMatch(/elsewhere/);
    expect(sentenceOf("constructor")).toBe(en.unknown);
  });

  it("has another sentence than all the others, in German too", () => {
    for (const sentences of [en, de]) {
      const told = Object.keys(en).map((reason) => sentenceOf(reason, sentences));
      expect(new Set(told).size).toBe(told.length);
    }
    expect(sentenceOf("user_disabled", de)).toBe("Dieses Konto wurde gesperrt.");
    expect(sentenceOf("of a later version", de)).toBe(de.unknown);
  });

  it("is the very one that the service says, or its coarse form from an older service", async () => {
    const body = { code: "invalid_grant", reason: "revoked" };
    expect((await answer(400, JSON.stringify({ ...body, cause: "user_disabled" }))).reason).toBe("user_disabled");
    expect((await answer(400, JSON.stringify(body))).reason).toBe("revoked");
  });
});
