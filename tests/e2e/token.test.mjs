// The demo page with signed tokens instead of development mode.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { comment, launch, live, open, pane } from "./browser.mjs";
import { Nodes } from "./nodes.mjs";

let nodes;
let browser;

before(async () => {
  nodes = await new Nodes().startSigned();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await nodes?.stop();
});

test("without a token the page is refused, with one it is live and sends as the token's user", async () => {
  const page = await open(browser, `${nodes.list[0].url}/#signed`);
  for (const number of [1, 2]) await pane(page, number).locator('.state[data-kind="refused"]').waitFor();
  await page.locator("#problem", { hasText: "bearer token" }).waitFor();
  await page.getByLabel("Access token").fill(nodes.token("ann"));
  await page.getByLabel("Access token").press("Tab");
  await live(page, 1);
  await live(page, 2);
  assert.ok(await page.locator("#user").isDisabled());
  await page.fill("#content", "signed and sealed");
  await page.press("#content", "Enter");
  for (const number of [1, 2]) {
    await comment(page, number, "signed and sealed").locator(".via").waitFor();
    assert.equal(await comment(page, number, "signed and sealed").locator(".author").textContent(), "ann");
  }
  await comment(page, 1, "signed and sealed").getByRole("button", { name: "Edit comment 1" }).waitFor();
  assert.deepEqual(page.complaints, []);
});
