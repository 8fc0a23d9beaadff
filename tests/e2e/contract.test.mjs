// What the node serves beside the API: the contracts, which must be true, and the page under a strict policy.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Nodes } from "./nodes.mjs";

let nodes;
let url;

before(async () => {
  nodes = await new Nodes().start();
  url = nodes.list[0].url;
});

after(() => nodes?.stop());

/** path -> upper-case methods, read off our own way of writing YAML. */
function operations(yaml) {
  const found = {};
  let path;
  for (const line of yaml.split("\ncomponents:")[0].split("\n")) {
    const [, newPath] = /^ {2}(\/\S*):$/.exec(line) ?? [];
    const [, method] = /^ {4}(get|post|put|patch|delete):$/.exec(line) ?? [];
    if (newPath) found[path = newPath] = [];
    if (method) found[path].push(method.toUpperCase());
  }
  return found;
}

test("every operation of openapi.yaml exists, and no other method", async () => {
  const documented = operations(await (await fetch(`${url}/openapi.yaml`)).text());
  assert.ok(Object.keys(documented).length >= 9);
  for (const [path, methods] of Object.entries(documented)) {
    const concrete = path.replace("{id}", "00000000-0000-7000-8000-000000000000").replace("{key}", "room");
    const answer = await fetch(url + concrete, { method: "OPTIONS" });
    assert.equal(answer.status, 204, path);
    const allowed = answer.headers.get("Allow").split(/, */).filter((method) => !["HEAD", "OPTIONS"].includes(method));
    assert.deepEqual(allowed.sort(), methods.sort(), path);
  }
});

test("answers have the members that openapi.yaml requires", async () => {
  const comment = await nodes.send(1, "alice", "contract", "hello");
  assert.deepEqual(Object.keys(comment).sort(),
    ["authorId", "content", "conversationKey", "createdAt", "id", "seq", "updatedAt", "version"]);
  const read = async (path) => Object.keys(await (await fetch(url + path)).json()).sort();
  assert.deepEqual(await read("/v1/conversations"), ["conversations"]);
  assert.deepEqual(await read("/v1/conversations/contract/comments"), ["comments", "epoch", "headSeq"]);
  assert.deepEqual(await read("/v1/conversations/contract/updates"), ["epoch", "headSeq", "next", "updates"]);
  assert.deepEqual(await read("/v1/cluster"), ["members", "node"]);
  assert.deepEqual(await read("/v1/nowhere"), ["detail", "errorCode", "errors", "status", "title", "type"]);
});

test("the page and the contracts come with their type, a tag and a strict policy", async () => {
  const types = { "/": "text/html", "/page.css": "text/css", "/page.js": "text/javascript",
    "/favicon.svg": "image/svg+xml", "/openapi.yaml": "application/yaml", "/asyncapi.yaml": "application/yaml" };
  for (const [path, type] of Object.entries(types)) {
    const answer = await fetch(url + path);
    assert.equal(answer.status, 200, path);
    assert.ok(answer.headers.get("Content-Type").startsWith(type), path);
    assert.match(answer.headers.get("Content-Security-Policy"), /default-src 'self'/);
    const tag = answer.headers.get("ETag");
    assert.equal((await fetch(url + path, { headers: { "If-None-Match": tag } })).status, 304, path);
  }
});
