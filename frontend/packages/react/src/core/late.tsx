"use client";

/** Parts that are loaded when they are needed. A deployment takes the old ones away. */
import { lazy, Suspense, type ComponentType, type ReactElement } from "react";
import { Waiting } from "../parts/Waiting.js";

/** A part could not be loaded: there is a newer version of the application, or no network. Loading the page anew may help. */
export class MissingPart extends Error {
  override readonly name = "MissingPart";
}

/** Load something of ours. Rejects with a `MissingPart`. */
export async function loaded<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new MissingPart("A part of the application could not be loaded", { cause });
  }
}

/** A component that is loaded when it is first shown; `Meanwhile` stands in its place until it is there. */
export function late<P extends object>(
  load: () => Promise<ComponentType<P>>,
  Meanwhile: ComponentType<P> = Waiting,
): (props: P) => ReactElement {
  const Late = lazy(async () => ({ default: await loaded(load) })) as unknown as ComponentType<P>;
  return function Part(props: P): ReactElement {
    return (
      <Suspense fallback={<Meanwhile {...props} />}>
        <Late {...props} />
      </Suspense>
    );
  };
}
