import { expect, it } from "vitest";
import { page, type Send } from "../src/request.js";

const answering =
  (headers: Record<string, string>): Send =>
  () =>
    Promise.resolve(new Response('[{"id": "1"}]', { headers }));

it("finds the cursor of the next page, and how many there are", async () => {
  const link = '</api/users?limit=1&after=AAZg7fXJXC4&q=example>; rel="next"';
  const asked: string[] = [];
  const send: Send = (url, init) => (asked.push(url), answering({ link, "x-total-count": "6" })(url, init));
  const found = await page(send, "/api/users", { query: { limit: 1, q: "example" } });
  expect(asked).toEqual(["/api/users?limit=1&q=example"]);
  expect(found).toEqual({ items: [{ id: "1" }], next: "AAZg7fXJXC4", total: 6 });
});

it("knows the last page by the missing link", async () => {
  const found = await page(answering({}), "/api/users/me/events", {});
  expect(found).toMatchObject({ next: null, total: null });
});
