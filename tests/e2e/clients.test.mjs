// Clients as strangers install them, with the settings they have by default: @urql/core, @apollo/client,
// event-source-polyfill, @microsoft/fetch-event-source, fetch-event-stream. The event streams go on over the death
// of their node: every update comes once and in order.
//
// The two browser clients run in Chromium, on a page of another origin than the node's, so that CORS counts.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import http from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { Client, cacheExchange, fetchExchange } from "@urql/core";
import { events } from "fetch-event-stream";
import { launch } from "./browser.mjs";
import { Nodes } from "./nodes.mjs";

const packages = path.join(path.dirname(new URL(import.meta.url).pathname), "node_modules");
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const bearer = (user) => ({ Authorization: `Bearer ${user}` });

let nodes;
let browser;
let pages; // serves an empty page and the packages, under an origin of its own
let origin;

before(async () => {
  nodes = await new Nodes().start();
  browser = await launch();
  pages = http.createServer(serve).listen(0, "127.0.0.1");
  await new Promise((done) => pages.once("listening", done));
  origin = `http://127.0.0.1:${pages.address().port}`;
});

after(async () => {
  await browser?.close();
  pages?.close();
  await nodes?.stop();
});

async function serve({ url }, answer) {
  if (!url.startsWith("/packages/")) {
    answer.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html>");
    return;
  }
  const file = path.join(packages, url.slice("/packages/".length));
  const code = await readFile(file).catch(() => readFile(`${file}.js`)); // packages import without the ending
  answer.writeHead(200, { "Content-Type": "text/javascript" }).end(code);
}

const graphqlOf = (number) => `${nodes.list[number - 1].url}/graphql`;

// A query over several lines: it comes with line feeds, in the body and in the address.
const HISTORY = `
  query History($key: String!) {
    me { userId }
    comments(conversationKey: $key) {
      comments { content seq }
    }
  }
`;
const SEND = `
  mutation Send($key: String!, $content: String!) {
    sendComment(conversationKey: $key, content: $content) { content seq }
  }
`;

test("@urql/core with default settings queries and mutates", async () => {
  const client = new Client({ url: graphqlOf(1), exchanges: [cacheExchange, fetchExchange],
    fetchOptions: () => ({ headers: bearer("ursula") }) });
  const sent = await client.mutation(SEND, { key: "urql", content: "tab\tand\nline" }).toPromise();
  assert.equal(sent.error, undefined);
  assert.equal(sent.data.sendComment.content, "tab\tand\nline");
  const read = await client.query(HISTORY, { key: "urql" }).toPromise();
  assert.equal(read.error, undefined);
  assert.equal(read.data.me.userId, "ursula");
  assert.deepEqual(read.data.comments.comments.map(({ content }) => content), ["tab\tand\nline"]);
  const wrong = await client.query(HISTORY, { key: "" }).toPromise();
  assert.equal(wrong.error.graphQLErrors[0].extensions.code, "conversationKey-empty");
});

/** A client of Apollo whose requests are noted, in order: method and status. */
function apollo(user, makeLink, requests) {
  const noting = async (url, options) => {
    const answer = await fetch(url, options);
    requests.push(`${options.method} ${answer.status}`);
    return answer;
  };
  return new ApolloClient({ cache: new InMemoryCache(),
    link: makeLink({ uri: graphqlOf(2), headers: bearer(user), fetch: noting }) });
}

async function useApollo(client, key) {
  const sent = await client.mutate({ mutation: gql(SEND), variables: { key, content: "hello" } });
  assert.equal(sent.data.sendComment.content, "hello");
  const read = await client.query({ query: gql(HISTORY), variables: { key } });
  assert.deepEqual(read.data.comments.comments.map(({ content }) => content), ["hello"]);
  await assert.rejects(client.query({ query: gql(HISTORY), variables: { key: "" } }),
    (error) => CombinedGraphQLErrors.is(error) && error.errors[0].extensions.code === "conversationKey-empty");
}

test("@apollo/client with useGETForQueries queries and mutates", async () => {
  const requests = [];
  const link = (options) => new HttpLink({ ...options, useGETForQueries: true });
  await useApollo(apollo("anna", link, requests), "apollo-get");
  assert.deepEqual(requests.slice(0, 2), ["POST 200", "GET 200"]);
});

for (const useGETForHashedQueries of [false, true]) {
  test(`@apollo/client goes on without persisted queries (by GET: ${useGETForHashedQueries})`, async () => {
    const requests = [];
    const link = (options) => ApolloLink.from([new PersistedQueryLink({ sha256, useGETForHashedQueries }),
      new HttpLink(options)]);
    const client = apollo("petra", link, requests);
    await useApollo(client, `apollo-persisted-${useGETForHashedQueries}`);
    // Told once that there are none, it asks with the whole query from then on.
    assert.ok(requests.length <= 4, requests.join(", "));
  });
}

/** Posts to node 1 until `stop` is called; the texts, in the order of their seqs. */
function startPosting(conversationKey) {
  const texts = [];
  let going = true;
  const run = (async () => {
    while (going) {
      const text = `text ${texts.length}`;
      await nodes.send(1, "poster", conversationKey, text);
      texts.push(text);
      await new Promise((done) => setTimeout(done, 10));
    }
  })();
  return { texts, stop: async () => { going = false; await run; } };
}

async function until(condition, what, seconds = 20) {
  const deadline = Date.now() + seconds * 1000;
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error(`${what} did not come in ${seconds} s`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Node 3 dies under a running stream and comes back on its address, while node 1 takes posts all the time. */
async function overNodesDeath(conversationKey, readTexts) {
  const posting = startPosting(conversationKey);
  try {
    await until(async () => (await readTexts()).length > 20, "the stream");
    await nodes.kill(3);
    const posted = posting.texts.length;
    await until(() => posting.texts.length > posted + 30, "posts while the node is dead");
    await nodes.restart(3);
    const seen = (await readTexts()).length;
    await until(async () => (await readTexts()).length > seen + 40, "the stream, again");
  } finally {
    await posting.stop();
  }
  await until(async () => (await readTexts()).length >= posting.texts.length, "the last update");
  assert.deepEqual(await readTexts(), posting.texts);
}

/** A page that collects in `texts` and `problems` what `start(url, headers)` makes of the stream. */
async function streamInPage(conversationKey, start) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(origin);
  await page.evaluate(() => { globalThis.texts = []; globalThis.problems = []; });
  const url = `${nodes.list[2].url}/v1/conversations/${conversationKey}/updates?after=0`;
  await page.evaluate(start, { url, headers: bearer("reader") });
  await overNodesDeath(conversationKey, () => page.evaluate(() => globalThis.texts));
  assert.deepEqual(await page.evaluate(() => globalThis.problems), []);
  await page.context().close();
}

async function polyfill({ url, headers }) {
  await import("/packages/event-source-polyfill/src/eventsource.min.js");
  const source = new globalThis.EventSourcePolyfill(url, { headers });
  source.addEventListener("comment-added", ({ data }) => globalThis.texts.push(JSON.parse(data).commentContent));
  source.addEventListener("message", ({ data }) => {
    const { type, payload } = JSON.parse(data);
    if (type === "comment-added") globalThis.texts.push(payload.commentContent);
  });
}

test("event-source-polyfill goes on over its node's death", () => streamInPage("polyfill", polyfill));

async function fetchEvents({ url, headers }) {
  const { fetchEventSource } = await import("/packages/@microsoft/fetch-event-source/lib/esm/index.js");
  fetchEventSource(url, { headers, openWhenHidden: true, onmessage({ data }) {
    try {
      const { type, payload } = JSON.parse(data); // every message has data: no block is empty
      if (type === "comment-added") globalThis.texts.push(payload.commentContent);
    } catch (error) {
      globalThis.problems.push(`${error} in ${JSON.stringify(data)}`);
      throw error;
    }
  } });
}

test("@microsoft/fetch-event-source goes on over its node's death", () => streamInPage("fetch", fetchEvents));

test("fetch-event-stream parses every event of a stream", async () => {
  const abort = new AbortController();
  const answer = await fetch(`${nodes.list[1].url}/v1/conversations/parsed/updates?after=0`,
    { headers: { ...bearer("reader"), Accept: "text/event-stream" }, signal: abort.signal });
  const sent = ["one", "two", "three"];
  for (const text of sent) await nodes.send(1, "poster", "parsed", text);
  const seen = [];
  for await (const { data } of events(answer, abort.signal)) {
    const { type, payload } = JSON.parse(data);
    if (type === "comment-added") seen.push(payload.commentContent);
    if (seen.length === sent.length) break;
  }
  abort.abort();
  assert.deepEqual(seen, sent);
});
