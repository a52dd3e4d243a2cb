"use client";

import { generate } from "lean-qr";
import { useMemo, type ReactElement } from "react";
import { useClass } from "../../ui/classes.js";

export interface QrCodeProps {
  text: string;
  /** What it is, for those who don't see it. */
  label: string;
}

/** Modules that stay light round the code: readers want four. */
const MARGIN = 4;

/** A QR code, dark on white whatever the page's colours are: readers don't know the other way round. */
export function QrCode({ text, label }: QrCodeProps): ReactElement {
  const c = useClass();
  const { size, path } = useMemo(() => {
    const code = generate(text);
    let drawn = "";
    for (let y = 0; y < code.size; y++) {
      for (let x = 0; x < code.size; x++) if (code.get(x, y)) drawn += `M${x} ${y}h1v1h-1z`;
    }
    return { size: code.size, path: drawn };
  }, [text]);
  const side = size + 2 * MARGIN;
  return (
    <svg className={c("qr")} role="img" aria-label={label} viewBox={`${-MARGIN} ${-MARGIN} ${side} ${side}`}>
      <path fill="#fff" d={`M${-MARGIN} ${-MARGIN}h${side}v${side}h${-side}z`} />
      <path fill="#000" shapeRendering="crispEdges" d={path} />
    </svg>
  );
}
