"""Networks of a test's own (they need root): one for the test, and one for each node, joined by a bridge.

Every address is one of 127.0.0.0/8, because nodes that share a SQLite file refuse any other: such a network has
127.0.0.1 alone on `lo`, and the kernel lets the rest of the block go over a link (`route_localnet`)."""

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import textwrap

from .waiting import until

INSIDE = "DANWA_TEST_IN_NETNS"  # set: this process was started in the network of its test
LOOPBACK_ALONE = """ip link set lo up
ip address delete 127.0.0.1/8 dev lo
ip address add 127.0.0.1/32 dev lo
echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet"""


def own_network(prepare="ip link set lo up", isolate=(), needs=("ip", "unshare")):
    """Decorates a test of a TestCase: it runs in a network namespace of its own (and what else unshare(1) is told to
    `isolate`), after the shell commands `prepare`."""
    def decorate(test):
        async def outside(self):
            if os.environ.get(INSIDE) == "1":
                return await test(self)
            if os.geteuid() != 0 or not all(map(shutil.which, needs)):
                if os.environ.get("CI") == "true":
                    self.fail(f"needs root and {needs}")
                self.skipTest(f"needs root and {needs}")
            script = f"set -e\n{prepare}\nexec \"$@\""
            done = await asyncio.to_thread(
                subprocess.run,
                ["unshare", "--net", *isolate, "sh", "-c", script, "sh", sys.executable, sys.argv[0], self.id()],
                env={**os.environ, INSIDE: "1"}, capture_output=True, text=True, check=False)
            print(textwrap.indent(done.stdout[-4000:], "  | "))  # or its last line would be taken for this process's
            self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        outside.__name__ = test.__name__
        outside.__doc__ = test.__doc__
        return outside
    return decorate


def shell(commands, namespace=None):
    """In the network of this process, or in that of another."""
    inside = ["nsenter", f"--net={namespace}"] if namespace else []
    done = subprocess.run([*inside, "sh", "-ec", commands], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{commands}: {done.stderr}"
    return done.stdout


class Lan:
    """A bridge in the network of this process, and a network with one link to it for each of `size` nodes. The process
    that holds a network ends when its input does, at the latest with this process."""

    def __init__(self, size):
        self.size = size
        self.holders = []

    async def start(self):
        shell(f"{LOOPBACK_ALONE}\nip link add bridge type bridge\n"
              f"ip address add {self.address(self.size)}/24 scope global dev bridge\nip link set bridge up")
        for i in range(self.size):
            holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
            self.holders.append(holder)
            await until(lambda: not os.path.samefile(self.namespace(i), "/proc/self/ns/net"), 10, "a network")
            shell(f"ip link add {self.link(i)} type veth peer name eth0 netns {holder.pid}\n"
                  f"ip link set {self.link(i)} master bridge up")
            shell(f"{LOOPBACK_ALONE}\nip address add {self.address(i)}/24 scope global dev eth0\nip link set eth0 up",
                  self.namespace(i))
        return self

    def stop(self):
        for holder in self.holders:
            holder.stdin.close()
            holder.wait()

    def namespace(self, i):
        return f"/proc/{self.holders[i].pid}/ns/net"

    @staticmethod
    def address(i):
        return f"127.77.0.{i + 1}"

    @staticmethod
    def link(i):
        return f"to-{i}"

    def settings(self, i):
        """A node's; what is at these ports is in its network alone."""
        return {"http.listen": f"{self.address(i)}:8080", "http.allowed_hosts": self.address(i),
                "cluster.listen": f"{self.address(i)}:7000"}

    def prefix(self, i):
        """Of a command that runs in the network of a node."""
        return ["nsenter", f"--net={self.namespace(i)}"]

    def bytes_to(self, i):
        """What has gone over the link to a node."""
        link, = json.loads(shell(f"ip -s -json link show dev {self.link(i)}"))
        return link["stats64"]["tx"]["bytes"]

    @contextlib.contextmanager
    def unplugged(self, i):
        """Nothing reaches a node or leaves it for the length of a `with` block; nobody is told."""
        shell(f"ip link set {self.link(i)} nomaster")
        try:
            yield
        finally:
            shell(f"ip link set {self.link(i)} master bridge")

    @contextlib.contextmanager
    def strangers(self, several):
        """No two of these nodes reach each other for the length of a `with` block. All others reach all."""
        self._isolate(several, "on")
        try:
            yield
        finally:
            self._isolate(several, "off")

    def _isolate(self, several, how):
        shell("\n".join(f"ip link set {self.link(i)} type bridge_slave isolated {how}" for i in several))


@contextlib.asynccontextmanager
async def lan(size):
    """A Lan for the length of a `with` block; in a network of the test's own (`own_network`)."""
    made = Lan(size)
    try:
        yield await made.start()
    finally:
        made.stop()
