// Three danwad processes on loopback over one SQLite file, for the length of a test file.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import readline from "node:readline";
import { freeAddress } from "./ports.mjs";

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../..");
const build = process.env.DANWA_TEST_BUILD ?? path.join(root, "build/release");
const danwad = path.join(build, "danwad");

/** Starts one node and waits for its `node.started` line. */
async function startNode(name, settings) {
  const pairs = Object.entries({ "node.name": name, ...settings });
  const args = pairs.flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  const process = spawn(danwad, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((done) => process.once("exit", (code, signal) => done({ code, signal })));
  let errors = "";
  process.stderr.on("data", (data) => { errors += data; });
  const started = new Promise((done, fail) => {
    readline.createInterface({ input: process.stdout }).on("line", (line) => {
      if (line.includes('"node.started"')) done(JSON.parse(line));
    });
    process.once("error", fail);
    ended.then(({ code }) => fail(new Error(`${name} ended with ${code}: ${errors}`)));
    setTimeout(() => fail(new Error(`${name} did not start in 15 s: ${errors}`)), 15_000).unref();
  });
  const { http, cluster, grpc } = await started;
  return { name, process, ended, http, cluster, grpc, url: `http://${http}`, settings };
}

function standsWhole(pid) {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).every((thread) => {
    try {
      return / T [^)]*$/.test(readFileSync(`${tasks}/${thread}/stat`, "utf8"));
    } catch {
      return true; // this thread has ended
    }
  });
}

export class Nodes {
  #directory = mkdtempSync(path.join(tmpdir(), "danwa-e2e-"));
  #keyFile = path.join(this.#directory, "key");
  list = [];

  async start(more = {}) {
    const file = `sqlite:${path.join(this.#directory, "danwa.db")}`;
    for (const name of ["node-1", "node-2", "node-3"]) {
      const listen = name === "node-1" ? async () => "127.0.0.1:0" : freeAddress; // the others are restarted
      this.list.push(await startNode(name, { "http.listen": await listen(), "cluster.listen": await listen(),
        "cluster.secret": "a secret of the tests", "cluster.seeds": this.list.map((node) => node.cluster).join(" "),
        "database.master": file, "database.replica": file, "auth.mode": "development", "log.format": "json", ...more }));
    }
    await this.#meshed(more["auth.mode"] ? this.token("watcher") : "watcher");
    return this;
  }

  /** Nodes that want signed tokens; `token(user)` makes one. Each lets the pages of the others in. */
  startSigned() {
    writeFileSync(this.#keyFile, "0123456789abcdef0123456789abcdef");
    return this.start({ "auth.mode": "jwt", "auth.jwt.key_file": this.#keyFile,
      "http.allowed_origins": "http://127.0.0.1" });
  }

  token(user) {
    const claims = ["--user", user, "--company", "acme", "--key-file", this.#keyFile];
    return execFileSync(path.join(build, "danwa"), ["token", ...claims], { encoding: "utf8" }).trim();
  }

  async #meshed(token) {
    const deadline = Date.now() + 15_000;
    for (const node of this.list) {
      for (;;) {
        const answer = await fetch(`${node.url}/v1/cluster`, { headers: { Authorization: `Bearer ${token}` } });
        const { members } = await answer.json();
        if (members.filter((member) => member.state === "up").length === this.list.length) break;
        if (Date.now() > deadline) throw new Error(`${node.name} sees ${JSON.stringify(members)}`);
        await new Promise((done) => setTimeout(done, 50));
      }
    }
  }

  /** SIGKILL: nothing is finished, nothing is said. */
  async kill(number) {
    this.list[number - 1].process.kill("SIGKILL");
    await this.list[number - 1].ended;
  }

  /** Until every thread stands: on a busy machine some run on for milliseconds after the signal. */
  async pause(number) {
    const { process } = this.list[number - 1];
    process.kill("SIGSTOP");
    const deadline = Date.now() + 5_000;
    while (!standsWhole(process.pid)) {
      if (Date.now() > deadline) throw new Error(`process ${process.pid} does not stop in 5 s`);
      await new Promise((done) => setTimeout(done, 1));
    }
  }

  resume(number) {
    this.list[number - 1].process.kill("SIGCONT");
  }

  async restart(number) {
    const { name, settings } = this.list[number - 1];
    this.list[number - 1] = await startNode(name, settings);
  }

  async stop() {
    for (const { process } of this.list) process.kill("SIGKILL");
    await Promise.all(this.list.map((node) => node.ended));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Posts as a client of its own, through node `number`. */
  async send(number, user, conversationKey, content) {
    const answer = await fetch(`${this.list[number - 1].url}/v1/comments`, { method: "POST",
      headers: { "Authorization": `Bearer ${user}`, "Content-Type": "application/json" },
      body: JSON.stringify({ content, conversationKey }) });
    if (answer.status !== 201) throw new Error(`status ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }
}
