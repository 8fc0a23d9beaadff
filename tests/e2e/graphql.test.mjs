// GraphQL as its clients use it, unmodified: npm graphql-ws, subscriptions-transport-ws, graphql and the audits of
// graphql-http, against three nodes that want signed tokens.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { buildClientSchema, getIntrospectionQuery, validateSchema } from "graphql";
import { serverAudits } from "graphql-http";
import { createClient } from "graphql-ws";
import { SubscriptionClient } from "subscriptions-transport-ws";
import WebSocket from "ws";
import { Nodes } from "./nodes.mjs";

const BOBS = 'subscription { onNotificationReceived(userName: "bob") { text } }';
const DEADLINE = 10_000;
const open = []; // what a test opened: closers

let nodes;
let key;

before(async () => {
  nodes = await new Nodes().startSigned();
  key = readFileSync(nodes.list[0].settings["auth.jwt.key_file"]);
});

after(async () => {
  for (const close of open) await close();
  await nodes?.stop();
});

function token(user, claims = {}) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const all = { sub: user, company: "acme", iat: now, exp: now + 600, ...claims };
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(all)}`;
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}

const mayNotify = { grants: [{ pattern: "*", verbs: ["read", "send", "notify"] }] };
const httpUrl = (number) => `${nodes.list[number - 1].url}/graphql`;
const wsUrl = (number) => httpUrl(number).replace("http", "ws");

async function post(number, bearer, query, variables) {
  const answer = await fetch(httpUrl(number), { method: "POST", body: JSON.stringify({ query, variables }),
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${bearer}` } });
  return answer.json();
}

async function notify(number, bearer, userName, text) {
  const answer = await post(number, bearer, `mutation Notify($userName: String!, $text: String!) {
    sendNotification(userName: $userName, text: $text) { id text sender } }`, { userName, text });
  assert.equal(answer.errors, undefined, JSON.stringify(answer));
  return answer.data.sendNotification;
}

/** Resolves when `condition` holds. */
async function until(condition, what) {
  const deadline = Date.now() + DEADLINE;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what} did not come`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** A running subscription of npm graphql-ws; what it got, in order. */
function subscribe(number, bearer, query) {
  const client = createClient({ url: wsUrl(number), webSocketImpl: WebSocket, lazy: false, retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${bearer}` }, onNonLazyError: () => {} });
  const got = { data: [], errors: undefined, completed: false, connected: false, client };
  client.on("connected", () => { got.connected = true; });
  got.stop = client.subscribe({ query }, { next: ({ data }) => got.data.push(data),
    error: (errors) => { got.errors = errors; }, complete: () => { got.completed = true; } });
  open.push(() => client.dispose());
  return got;
}

/** A subscription of a conversation, which says itself when it watches. */
async function watch(number, bearer, conversationKey, more = "") {
  const got = subscribe(number, bearer,
    `subscription { onConversationUpdated(conversationKey: "${conversationKey}"${more}) { type seq content cursor } }`);
  await until(() => got.data.length > 0 || got.errors, "the first event");
  return got;
}

/** The inboxes of `bearer` are watched: what `probe` (a user who may notify) sends arrives. */
async function watchInbox(number, bearer, user, probe) {
  const got = subscribe(number, bearer,
    `subscription { onNotificationReceived(userName: "${user}") { text timestamp cursor } }`);
  await until(() => got.connected, "the acknowledgement");
  for (let i = 0; got.data.length === 0; i += 1) {
    await notify(number, probe, user, `probe ${i}`);
    await new Promise((done) => setTimeout(done, 50));
    assert.ok(i < 100, JSON.stringify(got.errors));
  }
  return got;
}

function texts(got) {
  return got.data.map((data) => data.onNotificationReceived.text).filter((text) => !text.startsWith("probe"));
}

for (const { id, name } of serverAudits({ url: "unused" })) {
  test(`audit ${id}: ${name}`, async () => {
    const withToken = (url, init = {}) => fetch(url, { ...init,
      headers: { ...init.headers, Authorization: `Bearer ${token("auditor")}` } });
    const audit = serverAudits({ url: httpUrl(1), fetchFn: withToken }).find((one) => one.id === id);
    const result = await audit.fn();
    assert.equal(result.status, "ok", result.reason);
  });
}

test("introspection builds a client's schema", async () => {
  const answer = await post(1, token("ann"), getIntrospectionQuery());
  assert.equal(answer.errors, undefined);
  const schema = buildClientSchema(answer.data);
  assert.deepEqual(validateSchema(schema), []);
  const fields = (type) => Object.keys(type.getFields()).sort();
  assert.deepEqual(fields(schema.getSubscriptionType()), ["onConversationUpdated", "onNotificationReceived"]);
  assert.ok(fields(schema.getMutationType()).includes("sendNotification"));
  assert.equal(String(schema.getType("Notification").getFields().timestamp.type), "Int!");
});

test("a notification reaches its person through any node, and nobody else", async () => {
  const alice = token("alice", mayNotify);
  const elsewhere = token("carol", { company: "other", ...mayNotify });
  const bob = await watchInbox(2, token("bob"), "bob", alice);
  const bystander = await watchInbox(2, token("alice"), "alice", alice);
  const namesake = await watchInbox(2, token("bob", { company: "other" }), "bob", elsewhere);
  const sent = await notify(1, alice, "bob", "hi");
  assert.deepEqual({ ...sent, id: undefined }, { id: undefined, text: "hi", sender: "alice" });
  await until(() => texts(bob).length > 0, "bob's notification");
  const last = bob.data.at(-1).onNotificationReceived;
  assert.equal(last.text, "hi");
  assert.ok(Math.abs(last.timestamp - Date.now() / 1000) < 60);
  await notify(1, alice, "alice", "for alice"); // what comes behind it shows that nothing else did
  await notify(1, elsewhere, "bob", "for the namesake");
  await until(() => texts(bystander).length > 0 && texts(namesake).length > 0, "the markers");
  assert.deepEqual(texts(bob), ["hi"]);
  assert.deepEqual(texts(bystander), ["for alice"]);
  assert.deepEqual(texts(namesake), ["for the namesake"]);
});

test("notifying others needs a grant, watching them is impossible", async () => {
  const refused = await post(1, token("bob"), 'mutation { sendNotification(userName: "ann", text: "x") { id } }');
  assert.equal(refused.data, null);
  assert.equal(refused.errors[0].extensions.code, "not-granted");
  const got = subscribe(1, token("ann", mayNotify), BOBS);
  await until(() => got.errors, "the refusal");
  assert.equal(got.errors[0].extensions.code, "not-granted");
});

test("notifications that came meanwhile are there after the cursor", async () => {
  const dave = token("dave");
  const alice = token("alice", mayNotify);
  const first = await watchInbox(1, dave, "dave", alice);
  const { cursor } = first.data.at(-1).onNotificationReceived;
  await first.client.dispose();
  for (let i = 1; i <= 40; i += 1) await notify(1 + (i % 3), alice, "dave", `missed ${i}`);
  const again = subscribe(3, dave,
    `subscription { onNotificationReceived(userName: "dave", after: "${cursor}") { text cursor } }`);
  await until(() => texts(again).length >= 40, "the missed notifications");
  assert.deepEqual(texts(again), Array.from({ length: 40 }, (_, i) => `missed ${i + 1}`));
});

test("a conversation resumes after its cursor, through another node", async () => {
  const ann = token("ann");
  const say = (number, content) => post(number, ann,
    'mutation Say($content: String!) { sendComment(content: $content, conversationKey: "resumed") { seq } }',
    { content });
  const comments = (got) => got.data.map((data) => data.onConversationUpdated)
    .filter((update) => update.type === "comment-added");
  const first = await watch(1, ann, "resumed");
  await say(2, "one");
  await until(() => comments(first).length > 0, "the first comment");
  const [seen] = comments(first);
  assert.deepEqual({ ...seen, cursor: undefined },
    { type: "comment-added", seq: 1, content: "one", cursor: undefined });
  await first.client.dispose();
  for (let i = 2; i <= 60; i += 1) await say(1, `text ${i}`);
  const again = await watch(3, ann, "resumed", `, after: "${seen.cursor}"`);
  await until(() => comments(again).length >= 59, "the missed comments");
  assert.deepEqual(comments(again).map((update) => update.seq), Array.from({ length: 59 }, (_, i) => i + 2));
});

test("queries and mutations run over the WebSocket, too", async () => {
  const client = createClient({ url: wsUrl(1), webSocketImpl: WebSocket, connectionParams: { token: token("ann") } });
  open.push(() => client.dispose());
  const run = (payload) => new Promise((done, fail) => {
    let value;
    client.subscribe(payload, { next: (result) => { value = result; }, error: fail, complete: () => done(value) });
  });
  assert.deepEqual(await run({ query: "{ me { userId companyId } }" }),
    { data: { me: { userId: "ann", companyId: "acme" } } });
  const sent = await run({ variables: { c: "over ws" },
    query: 'mutation M($c: String!) { sendComment(content: $c, conversationKey: "ws") { content } }' });
  assert.deepEqual(sent.data, { sendComment: { content: "over ws" } });
  assert.deepEqual(Object.keys(sent), ["data", "extensions"]);
  assert.match(sent.extensions.position, /^[0-9a-z]+\.[1-9][0-9]*$/);
  await assert.rejects(run({ query: "{ nothing }" }), (errors) => errors[0].extensions.code === "graphql-validation");
});

test("the legacy client works", async () => {
  const connectionParams = { authorization: `Bearer ${token("erin")}` };
  const client = new SubscriptionClient(wsUrl(2), { connectionParams }, WebSocket);
  open.push(() => client.close());
  const alice = token("alice", mayNotify);
  const got = { data: [], connected: false };
  client.onConnected(() => { got.connected = true; });
  const query = 'subscription { onNotificationReceived(userName: "erin") { text } }';
  const subscription = client.request({ query }).subscribe({ next: ({ data }) => got.data.push(data) });
  await until(() => got.connected, "the acknowledgement");
  for (let i = 0; got.data.length === 0; i += 1) {
    await notify(1, alice, "erin", `probe ${i}`);
    await new Promise((done) => setTimeout(done, 50));
    assert.ok(i < 100);
  }
  await notify(3, alice, "erin", "hi");
  await until(() => texts(got).length > 0, "the notification");
  assert.deepEqual(texts(got), ["hi"]);
  subscription.unsubscribe();
  const me = await new Promise((done, fail) => {
    client.request({ query: "{ me { userId } }" }).subscribe({ next: done, error: fail });
  });
  assert.deepEqual(me, { data: { me: { userId: "erin" } } });
});

test("the legacy client is told that its token is not accepted", async () => {
  let refused;
  const client = new SubscriptionClient(wsUrl(1), { connectionParams: { token: "no such token" },
    connectionCallback: (error) => { refused = error; } }, WebSocket);
  open.push(() => client.close());
  await until(() => refused, "the refusal");
  assert.match(refused.message, /bearer token/);
});

/** The close code and reason after these messages. */
async function closeOf(messages, protocols = ["graphql-transport-ws"]) {
  const socket = new WebSocket(wsUrl(1), protocols);
  const closed = new Promise((done) => socket.once("close", (code, reason) => done({ code, reason: String(reason) })));
  socket.on("message", (data) => {
    if (JSON.parse(data).type === "connection_ack") messages.slice(1).forEach((message) => socket.send(message));
  });
  await new Promise((done, fail) => { socket.once("open", done); socket.once("error", fail); });
  if (messages.length) socket.send(messages[0]);
  return closed;
}

test("close codes are those of the protocol", async () => {
  const init = (bearer = token("ann")) => JSON.stringify({ type: "connection_init", payload: { token: bearer } });
  const start = JSON.stringify({ type: "subscribe", id: "1", payload: {
    query: 'subscription { onConversationUpdated(conversationKey: "codes") { type } }' } });
  const [none, bad, unknown, early, forbidden, twice, inits, late] = await Promise.all([
    closeOf([], []), closeOf(["no json"]), closeOf([JSON.stringify({ type: "unknown" })]), closeOf([start]),
    closeOf([init("no such token")]), closeOf([init(), start, start]), closeOf([init(), init()]), closeOf([])]);
  assert.equal(none.code, 4406);
  assert.equal(bad.code, 4400);
  assert.equal(unknown.code, 4400);
  assert.equal(early.code, 4401);
  assert.equal(forbidden.code, 4403);
  assert.deepEqual(twice, { code: 4409, reason: "Subscriber for 1 already exists" });
  assert.equal(inits.code, 4429);
  assert.deepEqual(late, { code: 4408, reason: "Connection initialisation timeout" });
});

test("a token that ends closes with 4403, after which graphql-ws comes again with a new one", async () => {
  const now = Math.floor(Date.now() / 1000);
  const events = [];
  let asked = 0;
  const client = createClient({ url: wsUrl(1), webSocketImpl: WebSocket, retryAttempts: 3, retryWait: async () => {},
    connectionParams: () => ({ token: token("ann", asked++ === 0 ? { exp: now + 2 } : {}) }) });
  client.on("closed", (event) => events.push(event.code));
  open.push(() => client.dispose());
  const got = [];
  client.subscribe({ query: 'subscription { onConversationUpdated(conversationKey: "expiry") { type } }' },
    { next: ({ data }) => got.push(data.onConversationUpdated.type), error: () => {}, complete: () => {} });
  await until(() => got.filter((type) => type === "watching").length >= 2, "the second watch");
  assert.deepEqual(events, [4403]);
});
