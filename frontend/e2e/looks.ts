/** How a page looks to those who can't tell us: a narrow window, a screen reader, a camera. */
import axe from "axe-core";
import jsQR from "jsqr";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { picture } from "./browser";

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

/** Nothing runs out of the window, and axe objects to nothing. */
export async function inside(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(over, page.url()).toBeLessThanOrEqual(0);
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  expect(found).toEqual([]);
}

/** Pictures of a page of passkeys: wide by day, narrow by night. */
export async function pictures(page: Page, name: string): Promise<void> {
  await picture(page, `passkeys-${name}-1280`);
  await inside(page);
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, `passkeys-${name}-390-dark`);
  await inside(page);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(DESKTOP);
}

/** The QR code of a page, read from a picture of it by another library than has drawn it. */
export async function read(page: Page): Promise<string | undefined> {
  const code = page.getByRole("img", { name: /^QR/ });
  const png = (await code.screenshot()).toString("base64");
  const other = await page.context().newPage();
  const { data, width, height } = await other.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    context?.drawImage(bitmap, 0, 0);
    const pixels = context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [];
    return { data: Array.from(pixels), width: bitmap.width, height: bitmap.height };
  }, png);
  await other.close();
  // Cameras want more contrast than this reader: the margin is white by night, too.
  const margin = 4 * (Math.floor(height / 40) * width + Math.floor(width / 2));
  expect(data.slice(margin, margin + 3)).toEqual([255, 255, 255]);
  return jsQR(Uint8ClampedArray.from(data), width, height, { inversionAttempts: "dontInvert" })?.data;
}
