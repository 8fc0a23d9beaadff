// The demo page as people use it: three nodes, Debian's chromium.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { comment, launch, live, open, pane, picture, send } from "./browser.mjs";
import { Nodes } from "./nodes.mjs";

let nodes;
let browser;
let page;
let room = 0;

before(async () => {
  nodes = await new Nodes().start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await nodes?.stop();
});

afterEach(async () => {
  const complaints = page?.complaints ?? [];
  await page?.context().close();
  page = undefined;
  assert.deepEqual(complaints, [], "errors in the page");
});

/** A fresh conversation on node 1's page, live in both panes: watcher A through node 1, watcher B through node 2. */
async function openRoom(options) {
  page = await open(browser, `${nodes.list[0].url}/#room-${++room}`, options);
  await live(page, 1);
  await live(page, 2);
  return `room-${room}`;
}

const seqs = (number) => pane(page, number).locator(".comment:not(.pending) .seq").allTextContents();

test("both panes show a comment, each with its seq and the node it came through", async () => {
  await openRoom();
  await send(page, "alice", "Good morning");
  for (const number of [1, 2]) {
    await comment(page, number, "Good morning").locator(".via", { hasText: `via node-${number}` }).waitFor();
    assert.deepEqual(await seqs(number), ["#1"]);
    assert.equal(await comment(page, number, "Good morning").count(), 1, "the optimistic copy is gone");
  }
  await picture(page, "desktop");
});

test("an edit and a removal reach both panes", async () => {
  await openRoom();
  await send(page, "alice", "Frist");
  await comment(page, 1, "Frist").getByRole("button", { name: "Edit comment 1" }).click();
  await page.getByLabel("New text of comment 1").fill("First");
  await page.keyboard.press("Enter");
  for (const number of [1, 2]) await comment(page, number, "First").locator(".edited", { hasText: "edited" }).waitFor();
  await comment(page, 2, "First").getByRole("button", { name: "Delete comment 1" }).click();
  await comment(page, 2, "First").getByRole("button", { name: "Really delete comment 1" }).click();
  for (const number of [1, 2]) await comment(page, number, "This comment was deleted").waitFor();
  assert.equal(await page.getByText("First", { exact: true }).count(), 0);
});

test("other people's comments offer neither edit nor removal", async () => {
  const key = await openRoom();
  await nodes.send(3, "bob", key, "Mine alone");
  await comment(page, 1, "Mine alone").waitFor();
  assert.equal(await comment(page, 1, "Mine alone").getByRole("button").count(), 0);
});

test("markup in a comment and in a name stays text", async () => {
  const key = await openRoom();
  const text = "<img src=x onerror=\"document.title='pwned'\"><b>bold</b>";
  await send(page, "alice", text);
  await nodes.send(2, "<i>eve</i>", key, "</p><script>document.title='pwned'</script>");
  for (const number of [1, 2]) {
    await comment(page, number, text).waitFor();
    await comment(page, number, "<i>eve</i>").waitFor();
  }
  assert.equal(await page.locator(".comments img, .comments b:not(.author), .comments i, .comments script").count(), 0);
  assert.doesNotMatch(await page.title(), /pwned/);
});

test("history comes first, then what is new, without a hole", async () => {
  const key = `room-${++room}`;
  for (let i = 1; i <= 60; i++) await nodes.send(1 + (i % 3), "bob", key, `number ${i}`);
  page = await open(browser, `${nodes.list[0].url}/#${key}`);
  await live(page, 1);
  await nodes.send(2, "bob", key, "number 61");
  await comment(page, 1, "number 61").waitFor();
  const expected = (from) => Array.from({ length: 62 - from }, (_, i) => `#${from + i}`);
  assert.deepEqual(await seqs(1), expected(11), "the newest page and the new one");
  await pane(page, 1).locator(".scroll").evaluate((element) => { element.scrollTop = 0; });
  await pane(page, 1).getByRole("button", { name: "Load older comments" }).click();
  await pane(page, 1).locator(".comment .text", { hasText: /^number 1$/ }).waitFor();
  assert.deepEqual(await seqs(1), expected(1));
});

test("a pane whose node is killed goes on at another, from where it was", async () => {
  const key = await openRoom();
  await send(page, "alice", "before the kill");
  await comment(page, 2, "before the kill").waitFor();
  await nodes.kill(2);
  try {
    for (let i = 1; i <= 20; i++) await nodes.send(3, "bob", key, `meanwhile ${i}`);
    await comment(page, 2, "meanwhile 20").waitFor();
    await live(page, 2);
    await picture(page, "after-kill");
    assert.deepEqual(await seqs(2), Array.from({ length: 21 }, (_, i) => `#${i + 1}`));
    assert.deepEqual(await seqs(1), await seqs(2));
    assert.equal(await pane(page, 2).locator(".node").inputValue(), "node-3");
  } finally {
    await nodes.restart(2);
  }
});

test("a pane that was offline catches up with all it missed", async () => {
  const key = await openRoom();
  await pane(page, 2).getByRole("button", { name: "Go offline" }).click();
  for (let i = 1; i <= 40; i++) await nodes.send(1, "bob", key, `unseen ${i}`);
  await comment(page, 1, "unseen 40").waitFor();
  assert.equal(await pane(page, 2).locator(".comment").count(), 0);
  await pane(page, 2).getByRole("button", { name: "Go online" }).click();
  await live(page, 2);
  await comment(page, 2, "unseen 40").waitFor();
  assert.deepEqual(await seqs(2), Array.from({ length: 40 }, (_, i) => `#${i + 1}`));
});

test("a pane whose node is stopped, not dead, moves on too", async () => {
  const key = await openRoom();
  await nodes.pause(2);
  try {
    await nodes.send(3, "bob", key, "while it sleeps");
    await comment(page, 2, "while it sleeps").locator(".via", { hasText: "via node-3" }).waitFor({ timeout: 15_000 });
    assert.deepEqual(await seqs(2), ["#1"]);
  } finally {
    nodes.resume(2);
  }
});

test("a refused comment says why and can be discarded", async () => {
  await openRoom();
  await send(page, "alice", "x".repeat(4001));
  await page.locator("#problem", { hasText: "4001 code points" }).waitFor();
  await pane(page, 1).getByRole("button", { name: "Discard" }).click();
  assert.equal(await page.locator(".comment").count(), 0);
});

test("conversations are listed and switched", async () => {
  const key = await openRoom();
  await nodes.send(2, "bob", `other-of-${key}`, "over here");
  await page.fill("#room-key", `other-of-${key}`);
  await page.press("#room-key", "Enter");
  for (const number of [1, 2]) await comment(page, number, "over here").waitFor();
  await page.getByRole("button", { name: `other-of-${key} 1` }).waitFor();
  assert.equal(await page.locator("#room-title").textContent(), `other-of-${key}`);
});

test("everything works by keyboard and has a name", async () => {
  await openRoom();
  await send(page, "alice", "tab to me");
  await comment(page, 2, "tab to me").waitFor();
  const unnamed = await page.evaluate(() => [...document.querySelectorAll("button, input, select, textarea")]
    .filter((element) => !(element.ariaLabel || element.labels?.length || element.textContent.trim()))
    .map((element) => element.outerHTML));
  assert.deepEqual(unnamed, []);
  await page.focus("#content");
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Shift+Tab");
    if (await page.evaluate(() => document.activeElement.getAttribute("aria-label")) === "Edit comment 1") break;
  }
  await page.keyboard.press("Enter");
  await page.keyboard.type("!");
  await page.keyboard.press("Enter");
  await comment(page, 1, "!").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.equal(await page.locator("h1").count(), 1);
  assert.equal(await page.locator("[aria-live=polite]").count(), 1);
});

for (const colorScheme of ["light", "dark"]) {
  test(`text has AA contrast, ${colorScheme}`, async () => {
    await openRoom({ colorScheme, reducedMotion: "reduce" });
    await send(page, "alice", "contrast");
    for (const number of [1, 2]) await comment(page, number, "contrast").locator(".via", { hasText: "via" }).waitFor();
    assert.deepEqual(await page.evaluate(lowContrast), []);
    await picture(page, colorScheme);
  });
}

test("a 360 pixel phone shows everything without scrolling sideways", async () => {
  await openRoom({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 });
  await send(page, "a-user-with-a-rather-long-name-that-goes-on", "LongWordWithoutAnySpace".repeat(12));
  await comment(page, 2, "LongWord").waitFor();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `the page is ${width} pixels wide`);
  await page.getByRole("button", { name: "Send" }).tap();
  await picture(page, "phone");
});

/** Runs in the page: visible text whose contrast with its background is below 4.5:1. */
function lowContrast() {
  const parse = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const background = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility({ checkOpacity: true }) || element.closest(".hidden, noscript")) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(background(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(`${element.className || element.tagName}: ${ratio.toFixed(2)}`);
  }
  return found;
}
