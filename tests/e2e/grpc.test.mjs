// gRPC as npm's @grpc/grpc-js speaks it, with the four lines of proto that the simplest client knows, against three nodes.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";
import { Nodes } from "./nodes.mjs";

const FOUR_LINES = `syntax = "proto3"; package hello;
service ChatRoom { rpc Chat(stream ChatRequest) returns (stream ChatResponse); }
message ChatRequest { string message = 1; }
message ChatResponse { string message = 1; }
`;
const contract = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
  "../../adapters/grpc/chat.proto");
const directory = mkdtempSync(path.join(tmpdir(), "danwa-e2e-proto-"));
const clients = [];
const streams = [];
let nodes;
let hello;
let chat;

before(async () => {
  nodes = await new Nodes().start({ "grpc.listen": "127.0.0.1:0" });
  const file = path.join(directory, "hello.proto");
  writeFileSync(file, FOUR_LINES);
  hello = grpc.loadPackageDefinition(protoLoader.loadSync(file)).hello;
  chat = grpc.loadPackageDefinition(protoLoader.loadSync(contract, { longs: Number })).chat.v1;
});

after(async () => {
  for (const stream of streams) stream.cancel();
  for (const client of clients) client.close();
  await nodes?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function connect(Service, number) {
  const client = new Service(nodes.list[number - 1].grpc, grpc.credentials.createInsecure());
  clients.push(client);
  return client;
}

function metadata(user, conversation, more = {}) {
  const all = new grpc.Metadata();
  all.set("authorization", `Bearer ${user}`);
  all.set("conversation-key", conversation);
  for (const [name, value] of Object.entries(more)) all.set(name, value);
  return all;
}

/** A stream whose responses are taken one after another; `stands` resolves when the server watches. */
function open(Service, number, all) {
  const stream = connect(Service, number).Chat(all);
  const came = [];
  const waiting = [];
  const stands = new Promise((done) => stream.once("metadata", done));
  stream.on("data", (response) => (waiting.length > 0 ? waiting.shift()(response) : came.push(response)));
  stream.on("error", () => {});
  streams.push(stream);
  const next = () => (came.length > 0 ? Promise.resolve(came.shift()) : new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error("no response came")), 10_000);
    waiting.push((response) => { clearTimeout(timer); done(response); });
  }));
  return { stream, stands, next };
}

test("four lines of proto chat over all nodes, with each other and with every other endpoint", async () => {
  const rooms = [1, 2, 3].map((number) => open(hello.ChatRoom, number, metadata(`user-${number}`, "room")));
  for (const { stands } of rooms) await stands;
  rooms[0].stream.write({ message: "hello, all" });
  for (const { next } of rooms) assert.deepEqual(await next(), { message: "hello, all" });
  rooms[2].stream.write({ message: "hello, one" });
  for (const { next } of rooms) assert.deepEqual(await next(), { message: "hello, one" });
  await nodes.send(2, "ann", "room", "over REST");
  for (const { next } of rooms) assert.deepEqual(await next(), { message: "over REST" });
});

test("the whole contract tells seqs, and a cursor goes on on another node", async () => {
  const first = open(chat.ChatRoom, 1, metadata("ann", "cursors"));
  assert.equal((await first.next()).kind, "watching");
  const updates = async (from) => {
    for (;;) {
      const response = await from.next();
      if (response.kind === "comment-added") return response;
    }
  };
  first.stream.write({ message: "one", clientRef: "mine" });
  const one = await updates(first);
  assert.equal(one.clientRef, "mine");
  assert.equal(one.seq, 1);
  first.stream.cancel();
  await nodes.send(2, "bob", "cursors", "two");
  const second = open(chat.ChatRoom, 3, metadata("ann", "cursors", { after: one.cursor }));
  const two = await updates(second);
  assert.equal(two.message, "two");
  assert.equal(two.author, "bob");
});

test("a refused comment says why and a refused call has its status", async () => {
  const stream = open(chat.ChatRoom, 1, metadata("ann", "room"));
  assert.equal((await stream.next()).kind, "watching");
  stream.stream.write({ message: "x".repeat(5000), clientRef: "long" });
  let response = await stream.next();
  while (response.kind !== "error") response = await stream.next();
  assert.equal(response.clientRef, "long");
  assert.equal(response.errors[0].code, "content-too-long");
  const error = await new Promise((done) => connect(chat.ChatRoom, 1).SendComment({ message: "" },
    metadata("ann", "room"), (failure) => done(failure)));
  assert.equal(error.code, grpc.status.INVALID_ARGUMENT);
  assert.match(error.details, /content-empty/);
});
