"""An update goes to the nodes through which somebody watches, and costs the others next to nothing; whatever happens to
nodes and links. Eight nodes on one file, each in a network namespace of its own with one link to a bridge."""

import asyncio
import contextlib
import itertools
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from harness import http
from harness.bench import bench
from harness.cluster import running
from harness.networks import lan, own_network
from harness.paths import CHECK
from harness.waiting import until
from harness.websocket import Watcher

LONG = os.environ.get("DANWA_TEST_LONG", "0") == "1"
NODES = 8
RATE = 500  # posts a second
SECONDS = 8
FEW = 200  # posts, one by one
TEXT = "x" * 100
FAULT_SECONDS = 300 if LONG else 24
PLUGGED = 6  # the nodes before this one keep their links to their clients
LATE_MS = 2_000  # without the bus the log's tail takes a second; a load that has waited for three goes on elsewhere
in_a_lan = own_network(needs=("ip", "nsenter", "unshare"))


@contextlib.asynccontextmanager
async def nodes_in_a_lan():
    async with lan(NODES) as network:
        async with running(size=NODES, per_node={i: network.settings(i) for i in range(NODES)},
                           prefixes={i: network.prefix(i) for i in range(NODES)}) as cluster:
            yield network, cluster


def cpu_ns(node):
    """CPU time of all threads of the node."""
    total = 0
    for thread in pathlib.Path(f"/proc/{node.pid}/task").iterdir():
        total += int((thread / "schedstat").read_text().split()[0])
    return total


async def heard(nodes):
    """How many events each has got by the bus."""
    return [(await node.metrics())["danwa_bus_events_in_total"] for node in nodes]


class Spent:
    """What each of the nodes 2 to 7 has spent since the last look: CPU in us, and bytes that came over its link."""

    def __init__(self, network, nodes):
        self.network = network
        self.nodes = nodes
        self.last = self.read()

    def read(self):
        return [(cpu_ns(self.nodes[i]) / 1000, self.network.bytes_to(i)) for i in range(2, NODES)]

    def look(self):
        before, self.last = self.last, self.read()
        return [(us - us_before, size - size_before) for (us, size), (us_before, size_before) in zip(self.last, before)]


class Interest(unittest.IsolatedAsyncioTestCase):
    @in_a_lan
    async def test_six_of_eight_nodes_take_no_part_in_a_conversation_of_two(self):
        async with nodes_in_a_lan() as (network, cluster):
            two, others = cluster.nodes[:2], cluster.nodes[2:]
            events = await heard(others)
            spent = Spent(network, cluster.nodes)
            await asyncio.sleep(SECONDS)
            idle = spent.look()
            to_watcher = network.bytes_to(1)
            status, result = await asyncio.to_thread(
                bench, two, "--watchers", "2", "--conversations", "1", "--posters", "4", "--rate", str(RATE),
                "--seconds", str(SECONDS), "--post-to-first", "--settle", "2")
            to_watcher = network.bytes_to(1) - to_watcher
            loaded = spent.look()
            self.assertEqual(status, 0, result)
            posts = result["posts"]["acknowledged"]
            self.assertGreater(posts, RATE * SECONDS * 0.9)
            more = [[(after - before) / posts for after, before in zip(*pair)] for pair in zip(loaded, idle)]
            us, size = zip(*more)
            print("a post costs a node that nobody watches through, in us of CPU:", [round(each, 1) for each in us],
                  "in bytes:", [round(each, 2) for each in size], "and the other watcher's node, in bytes:",
                  round(to_watcher / posts))
            self.assertEqual(await heard(others), events)
            self.assertGreaterEqual((await heard(two))[1], posts * 0.9)
            self.assertGreater(to_watcher / posts, 100, "a text has 100 bytes")
            self.assertLess(max(size), 5, "what idle nodes tell each other varies by some hundred bytes a second")
            self.assertLess(sorted(us)[len(us) // 2], 10, "at most 10 us of CPU a post")

    async def goes_to_two(self, network, nodes, room):
        """Posts through the last node to a conversation that the first two watch: what comes to the others?"""
        watchers = [await Watcher(node.port, room, host=node.host).open() for node in nodes[:2]]
        connection = await http.Connection(nodes[-1].port, nodes[-1].host).open()
        events, came = await heard(nodes), [network.bytes_to(i) for i in range(NODES)]
        for i in range(FEW):
            body = {"content": f"{i} {TEXT}", "conversationKey": room}
            self.assertEqual((await connection.request("POST", "/v1/comments", body, http.bearer("u"))).status, 201)
        for watcher in watchers:
            self.assertEqual([frame["payload"]["seq"] for frame in await watcher.collect(FEW)], list(range(1, FEW + 1)))
        came = [network.bytes_to(i) - before for i, before in enumerate(came)]
        events = [after - before for after, before in zip(await heard(nodes), events)]
        print("bytes to each node:", came)
        for watcher in watchers:
            watcher.vanish()
        connection.close()
        self.assertEqual(events, [FEW] * 2 + [0] * (NODES - 2))
        self.assertGreater(min(came[:2]), FEW * len(TEXT))
        self.assertLess(max(came[2:-1]), min(came[:2]) / 5, "nodes that are idle tell each other that they live")

    async def all_see(self, cluster, count):
        async def done():
            return all([(await node.metrics())["danwa_cluster_peers"] == count for node in cluster.nodes])

        await until(done, 15, f"every node sees {count} others")

    async def apart(self, network, cluster, _):
        """No node reaches another one."""
        with network.strangers(range(NODES)):
            await self.all_see(cluster, 0)
        await cluster.meshed()

    async def unplugged(self, network, cluster, number):
        """Nobody reaches one of the last two nodes: its peers give it up, its clients move, and it comes back."""
        victim = PLUGGED + number % (NODES - PLUGGED)
        others = [node for node in cluster.nodes if node is not cluster.nodes[victim]]
        with network.unplugged(victim):
            async def given_up():
                return all([(await node.metrics())["danwa_cluster_peers"] == NODES - 2 for node in others])

            await until(given_up, 15, "the others notice")
        await cluster.meshed()

    async def killed(self, _, cluster, victim):
        cluster.nodes[victim].kill()
        await cluster.nodes[victim].start()
        await cluster.meshed()

    async def killed_apart(self, network, cluster, victim):
        """It dies and starts while three nodes, itself among them, do not reach each other."""
        with network.strangers({victim, (victim + 1) % NODES, (victim + 2) % NODES}):
            cluster.nodes[victim].kill()
            await cluster.nodes[victim].start()

            async def found_others():
                return (await cluster.nodes[victim].metrics())["danwa_cluster_peers"] == NODES - 3

            await until(found_others, 15, "it finds those that it reaches")
        await cluster.meshed()

    async def disturb(self, network, cluster, load):
        """One fault after another until the load ends; how many."""
        for count, fault in enumerate(itertools.cycle((self.apart, self.killed, self.unplugged, self.killed_apart))):
            if load.done():
                return count
            await fault(network, cluster, (count + count // 4) % NODES)

    async def load(self, nodes, history, *options):
        """Posts and watches through `nodes`, and writes the history of it."""
        status, result = await asyncio.to_thread(
            bench, nodes, "--seconds", str(FAULT_SECONDS), "--crash-tolerant", "--request-timeout", "1",
            "--settle", "30", "--posters", "8", "--conversations", "8", "--history", history, *options,
            timeout=FAULT_SECONDS + 120)
        print(json.dumps(result))
        self.assertEqual(status, 0, result)
        self.assertGreater(result["posts"]["retries"], 0)

    def check(self, history, *options):
        checked = subprocess.run([str(CHECK), *options, history], capture_output=True, text=True, check=False)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr[-2000:])

    @in_a_lan
    async def test_links_are_cut_and_nodes_killed_and_nobody_misses_a_thing(self):
        async with nodes_in_a_lan() as (network, cluster):
            await self.goes_to_two(network, cluster.nodes, "before")
            with tempfile.TemporaryDirectory() as folder:
                reached, cut = os.path.join(folder, "reached.jsonl"), os.path.join(folder, "cut.jsonl")
                unplugged_first = cluster.nodes[PLUGGED:] + cluster.nodes[:1]
                load = asyncio.gather(
                    self.load(cluster.nodes[:PLUGGED], reached, "--watchers", "24", "--rate", "150"),
                    self.load(unplugged_first, cut, "--watchers", "16", "--rate", "50"))
                faults = await self.disturb(network, cluster, load)
                await load
                self.check(reached, "--max-delay-ms", str(LATE_MS))
                self.check(cut)
            print(f"{faults} faults")
            self.assertGreaterEqual(faults, 4, "each once")
            await self.goes_to_two(network, cluster.nodes, "afterwards")


if __name__ == "__main__":
    unittest.main()
