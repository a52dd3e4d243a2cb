import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes long, though it isn’t long: what waits by the clock, and what looks at all of the documentation. */
const FIRST = ["rationed", "bound", "tabs", "documentation", "pages"].map((name) => `/stories/${name}.test.ts`);

/** Begins with these, and goes on with the largest, as Vitest does. Else the last one runs alone, for up to a minute. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const first = FIRST.flatMap((name) => sorted.filter(({ moduleId }) => moduleId.endsWith(name)));
    return [...first, ...sorted.filter((file) => !first.includes(file))];
  }
}

export default defineConfig({
  test: {
    // Examples that take long to build are no part of every run (`make examples`), nor is what people look at (`make pictures`).
    include: [`${process.env.EXAMPLES ? "examples" : process.env.PICTURES ? "pictures" : "stories"}/**/*.test.ts`],
    globalSetup: "stage.ts",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // They wait more than they work: four browsers at once keep two cores busy, and the clock isn't in the tests' way.
    maxWorkers: 4,
    // Playwright is read once a process, and a browser started once, not for each file: stories share nothing but addresses.
    isolate: false,
    sequence: { sequencer: LongestFirst },
  },
});
