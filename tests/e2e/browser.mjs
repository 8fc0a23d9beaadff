// Debian's chromium, driven by playwright-core.
import { chromium } from "playwright-core";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/** A page on `url` that collects what a strict content policy or a script error would say. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(error.message));
  page.on("console", (message) => {
    const expected = /WebSocket connection|ERR_CONNECTION_REFUSED|Failed to load resource/; // nodes die, posts are refused
    if (message.type() === "error" && !expected.test(message.text())) page.complaints.push(message.text());
  });
  await page.goto(url);
  return page;
}

export const pane = (page, number) => page.locator(".pane").nth(number - 1);
export const comment = (page, number, text) => pane(page, number).locator(".comment", { hasText: text });
export const live = (page, number) => pane(page, number).locator('.state[data-kind="live"]').waitFor();

export async function send(page, user, text) {
  await page.fill("#user", user);
  await page.locator("#user").blur();
  await page.fill("#content", text);
  await page.press("#content", "Enter");
}

/** Keeps a picture when SCREENSHOTS=1, for people to look at. */
export async function picture(page, name) {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `screenshots/${name}.png` });
}
