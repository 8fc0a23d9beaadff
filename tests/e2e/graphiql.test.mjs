// The page to try GraphQL, in a browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open, picture } from "./browser.mjs";
import { Nodes } from "./nodes.mjs";

let nodes;
let browser;

before(async () => {
  nodes = await new Nodes().start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await nodes?.stop();
});

test("queries, mutations, subscriptions and the schema", async () => {
  const page = await open(browser, `${nodes.list[0].url}/graphiql`);
  const shows = (text) => page.locator("#answer", { hasText: text }).waitFor();
  await page.locator("#schema summary", { hasText: "object Query" }).waitFor();
  await page.locator("#schema dt", { hasText: "me: Me!" }).waitFor();

  await page.getByRole("button", { name: "Run" }).click();
  await shows('"userId": "anonymous"');

  await page.getByLabel("Bearer token").fill("ann");
  await page.getByLabel("Query", { exact: true }).fill(
    'mutation Say($text: String!) { sendComment(content: $text, conversationKey: "page") { seq authorId } }');
  await page.getByLabel("Variables (JSON)").fill('{"text": "from the page"}');
  await page.getByLabel("Query", { exact: true }).press("Control+Enter");
  await shows('"authorId": "ann"');

  await page.getByLabel("Variables (JSON)").fill("{");
  await page.getByRole("button", { name: "Run" }).click();
  await page.locator('#state[data-kind="error"]', { hasText: "Variables" }).waitFor();

  await page.getByLabel("Variables (JSON)").fill("");
  await page.getByLabel("Query", { exact: true }).fill(
    'subscription { onConversationUpdated(conversationKey: "page", after: "0") { type content } }');
  await page.getByRole("button", { name: "Run" }).click();
  await shows('"content": "from the page"');
  await nodes.send(2, "bob", "page", "through another node");
  await shows('"content": "through another node"');
  await picture(page, "graphiql");
  await page.getByRole("button", { name: "Stop" }).click();
  await page.locator("#state", { hasText: "stopped" }).waitFor();
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});
