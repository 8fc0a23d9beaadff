// Ports of loopback outside of what the kernel gives to connections that go out, so that none of these takes
// one between two lives of a node. The same rule as tests/support/harness/ports.py.
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import net from "node:net";

const [first, last] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/).map(Number);
const [low, high] = first > 11_000 ? [10_000, first] : [last + 1, 65_536];
const given = new Set();

const isFree = (port) => new Promise((done) => {
  const probe = net.createServer();
  probe.once("error", () => done(false));
  probe.listen(port, "127.0.0.1", () => probe.close(() => done(true)));
});

/** "127.0.0.1:PORT" that nobody has; never twice in this process. */
export async function freeAddress() {
  for (;;) {
    const port = randomInt(low, high);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return `127.0.0.1:${port}`;
  }
}
