// @vitest-environment node
/** A proof counts once at an API of one's own, however it remembers that. */
import { expect, it } from "vitest";
import { refusal, Unavailable } from "../src/server";
import { BOUND, clock, eve, good, NOTES, NOW, outcome, request, token, verifier } from "./ownApi";

it("a proof counts once, of many that come at once too, for as long as it would be taken", async () => {
  const way = verifier();
  const ahead = good({ said: { iat: NOW + 60 } });
  const all = await Promise.all(
    Array.from({ length: 50 }, () => outcome(way.authenticate(request(`DPoP ${BOUND}`, ahead)))),
  );
  expect(all.filter((one) => one === "taken")).toHaveLength(1);
  expect(all.filter((one) => one === "used")).toHaveLength(49);
  for (let second = 0; second <= 120; second++) {
    clock.seconds = NOW + second;
    expect(await outcome(way.authenticate(request(`DPoP ${BOUND}`, ahead)))).toBe("used");
    await way.authenticate(request(`DPoP ${BOUND}`, good()));
  }
  clock.seconds = NOW + 121;
  expect(await outcome(way.authenticate(request(`DPoP ${BOUND}`, ahead)))).toBe("time");
});

it("a proof isn't forgotten when the memory is cleared, and another key may have the same number", async () => {
  const way = verifier();
  await way.authenticate(request(`DPoP ${BOUND}`, good()));
  clock.seconds = NOW + 129;
  const ahead = good({ said: { iat: clock.seconds + 60, jti: "one" } });
  expect(await outcome(way.authenticate(request(`DPoP ${BOUND}`, ahead)))).toBe("taken");
  const hers = token(eve);
  const same = good({ said: { jti: "one" } }, NOTES, eve, hers);
  expect(await outcome(way.authenticate(request(`DPoP ${hers}`, same)))).toBe("taken");
  for (clock.seconds = NOW + 130; clock.seconds < NOW + 129 + 120; clock.seconds += 10) {
    await way.authenticate(request(`DPoP ${BOUND}`, good()));
    expect(await outcome(way.authenticate(request(`DPoP ${BOUND}`, ahead)))).toBe("used");
  }
});

it("one's own memory is asked by a name that says nothing, and where it is away nobody is let in", async () => {
  const asked: [string, number][] = [];
  const known = new Set<string>();
  const once = async (name: string, life: number) => {
    asked.push([name, life]);
    await Promise.resolve();
    return !known.has(name) && known.add(name).size > 0;
  };
  const [one, other] = [verifier({ once }), verifier({ once })];
  const proof = good({ said: { jti: "the-number" } });
  expect(await outcome(one.authenticate(request(`DPoP ${BOUND}`, proof)))).toBe("taken");
  expect(await outcome(other.authenticate(request(`DPoP ${BOUND}`, proof)))).toBe("used");
  expect(asked[0]?.[0]).toMatch(/^[\w-]{43}$/);
  expect(asked[0]?.[1]).toBeGreaterThanOrEqual(120);
  for (const away of [
    () => Promise.reject(new Error("redis")),
    () => {
      throw new Error("redis");
    },
  ]) {
    const error: unknown = await verifier({ once: away })
      .authenticate(request(`DPoP ${BOUND}`, good()))
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Unavailable);
    expect(refusal(error).status).toBe(503);
  }
});
