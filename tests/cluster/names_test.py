"""Names with several addresses: a node listens on all, and the tool tries all. In a network and with a hosts file of the
test's own."""

import asyncio
import shlex
import subprocess
import unittest

from harness import http
from harness.cluster import running
from harness.networks import own_network
from harness.node import clean_environment
from harness.paths import DANWA, DANWAD
from harness.ports import free_port

HOSTS = "127.0.0.1 localhost both\n::1 localhost both\n127.0.0.1 mixed\n192.0.2.1 mixed\n192.0.2.1 elsewhere\n"


# Loopback alone, with HOSTS as /etc/hosts.
own_host = own_network(f"""hosts=$(mktemp)
printf %s {shlex.quote(HOSTS)} > "$hosts"
mount --bind "$hosts" /etc/hosts
rm "$hosts"
ip link set lo up""", isolate=("--mount", "--propagation", "private"))


def danwad_says(*settings):
    """What danwad says when it cannot start."""
    command = [str(DANWAD)]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, env=clean_environment(), check=False)
    assert done.returncode == 1, done
    return done.stderr.strip()


async def send(to, text):
    return await asyncio.to_thread(
        subprocess.run, [str(DANWA), "send", "-n", to, "-c", "room", "-u", "ann", text], capture_output=True, text=True,
        timeout=20, env=clean_environment(), check=False)


async def status_of(address, port):
    """The status of /healthz at one address."""
    reader, writer = await asyncio.wait_for(asyncio.open_connection(address, port), 5)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    return int(answer.split()[1])


class NamesWithSeveralAddresses(unittest.IsolatedAsyncioTestCase):
    @own_host
    async def test_a_node_listens_on_every_address_of_its_name(self):
        for listen in ("localhost:0", "both:0"):
            async with running(size=1, settings={"http.listen": listen}) as cluster:
                node = cluster.nodes[0]
                for address in ("127.0.0.1", "::1"):
                    self.assertEqual(await status_of(address, node.port), 200, f"{listen} at {address}")

    @own_host
    async def test_the_tool_tries_every_address_of_a_name(self):
        for listen in ("127.0.0.1:0", "[::1]:0"):
            async with running(size=1, bus="none", settings={"http.listen": listen}) as cluster:
                done = await send(f"localhost:{cluster.nodes[0].port}", "text")
                self.assertEqual(done.returncode, 0, f"{listen}: {done.stderr}")

    @own_host
    async def test_nodes_find_each_other_by_a_name(self):
        listen = f"localhost:{free_port()}"
        nodes = {0: {"cluster.listen": listen}, 1: {"cluster.seeds": listen}}
        async with running(size=2, per_node=nodes) as cluster:  # returns once they have
            self.assertEqual(cluster.nodes[0].cluster, listen)
            for address in ("127.0.0.1", "::1"):
                _, writer = await asyncio.wait_for(asyncio.open_connection(address, listen.rsplit(":", 1)[1]), 5)
                writer.close()

    @own_host
    async def test_a_name_that_cannot_be_served_is_told(self):
        port = free_port()
        database = "database.master=sqlite:/tmp/danwa-never-made.db"
        async with running(size=1, settings={"http.listen": f"127.0.0.1:{port}"}):
            said = danwad_says(f"http.listen=localhost:{port}", database)
            self.assertIn(f'http.listen "localhost:{port}" cannot be bound: 127.0.0.1:{port}: Address already in use', said)
        self.assertIn("http.listen must be on loopback", danwad_says("http.listen=mixed:0", database))
        self.assertIn("cannot be resolved", danwad_says("http.listen=nobody.invalid:0", database))
