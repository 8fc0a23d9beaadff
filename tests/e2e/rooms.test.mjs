// Rooms, presence and notifications on the demo page: three nodes, Debian's chromium, two people.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { comment, launch, live, open, pane, picture, send } from "./browser.mjs";
import { Nodes } from "./nodes.mjs";

let nodes;
let browser;
let pages = [];
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
  const complaints = pages.flatMap((page) => page.complaints);
  for (const page of pages) await page.context().close();
  pages = [];
  assert.deepEqual(complaints, [], "errors in the page");
});

/** The page of node `number`, as `user`, on the conversation of this test. */
async function enter(number, user) {
  const page = await open(browser, `${nodes.list[number - 1].url}/#rooms-${room}`);
  pages.push(page);
  await page.fill("#user", user);
  await page.locator("#user").blur();
  await live(page, 1);
  await live(page, 2);
  return page;
}

const divider = (page, number, text) => pane(page, number).locator(".divider", { hasText: text });
const faces = (page, names) => page.waitForFunction((expected) =>
  [...document.querySelectorAll("#present .hidden")].map((face) => face.textContent).join() === expected, names.join());

test("who joins and who leaves is told in every pane, and listed", async () => {
  room += 1;
  const alice = await enter(1, "alice");
  const bob = await enter(2, "bob");
  await bob.getByRole("button", { name: "Join" }).click();
  for (const page of [alice, bob]) {
    for (const number of [1, 2]) await divider(page, number, "bob joined").waitFor();
    await page.locator("#member-count", { hasText: "1 member" }).waitFor();
  }
  await bob.getByRole("button", { name: "Leave" }).click();
  for (const number of [1, 2]) await divider(alice, number, "bob left").waitFor();
  await alice.locator("#member-count", { hasText: "0 members" }).waitFor();
});

test("people who are here are shown, once each, whatever they watch through", async () => {
  room += 1;
  const alice = await enter(1, "alice");
  await faces(alice, ["alice"]); // her two panes use two nodes
  const bob = await enter(3, "bob");
  for (const page of [alice, bob]) await faces(page, ["alice", "bob"]);
  await picture(alice, "presence");
  pages = pages.filter((page) => page !== bob);
  await bob.context().close();
  await faces(alice, ["alice"]);
});

test("a room that turns private shuts outsiders out, and lets those in who are added", async () => {
  room += 1;
  const alice = await enter(1, "alice");
  const bob = await enter(2, "bob");
  await send(alice, "alice", "before");
  await comment(bob, 1, "before").waitFor();
  await alice.locator("#member-count").click();
  await alice.fill("#title-field", "The inner circle");
  await alice.check("#private");
  await alice.getByRole("button", { name: "Save" }).click();
  await alice.locator("#room-title", { hasText: "The inner circle" }).waitFor();
  for (const number of [1, 2]) await pane(bob, number).locator('.state[data-kind="refused"]').waitFor();
  await send(bob, "bob", "let me in");
  await bob.locator("#problem", { hasText: "private" }).waitFor();

  await alice.fill("#invitee", "bob");
  await alice.getByRole("button", { name: "Add" }).click();
  await divider(alice, 1, "alice added bob").waitFor();
  await bob.reload();
  await bob.fill("#user", "bob");
  await bob.locator("#user").blur();
  await live(bob, 1);
  await comment(bob, 1, "before").waitFor();
  await alice.getByRole("button", { name: "Remove bob from this conversation" }).click();
  for (const number of [1, 2]) await pane(bob, number).locator('.state[data-kind="refused"]').waitFor();
  await picture(alice, "private");
});

test("a notification rings at the person it is for, and at nobody else", async () => {
  room += 1;
  const alice = await enter(1, "alice");
  const bob = await enter(2, "bob");
  const carol = await enter(3, "carol");
  await alice.locator("#bell summary").click();
  await alice.fill("#notify-user", "bob");
  await alice.fill("#notify-text", "Your order has left");
  await alice.getByRole("button", { name: "Notify" }).click();
  await bob.locator("#unread", { hasText: "1" }).waitFor();
  await bob.locator("#bell summary").click();
  await bob.locator("#notifications li", { hasText: "Your order has left" }).waitFor();
  await picture(bob, "bell");
  assert.equal(await bob.locator("#unread").textContent(), "", "read");
  for (const page of [alice, carol]) assert.equal(await page.locator("#notifications li").count(), 0);

  await nodes.kill(2); // the bell goes on at another node, and repeats nothing
  try {
    await alice.fill("#notify-text", "It has arrived");
    await alice.getByRole("button", { name: "Notify" }).click();
    await bob.locator("#notifications li", { hasText: "It has arrived" }).waitFor();
    assert.equal(await bob.locator("#notifications li").count(), 2);
  } finally {
    await nodes.restart(2);
  }
});
