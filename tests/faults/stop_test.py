"""A node that is stopped, or cut off the bus, harms no other and catches up when it returns."""

import asyncio
import subprocess
import time
import unittest

from harness import http
from harness.cluster import running
from harness.networks import own_network
from harness.waiting import until
from harness.websocket import Watcher

SECONDS = 10


class Trickle:
    """Posts at a steady pace to some nodes; counts the 201s, allows 503 with Retry-After."""

    def __init__(self, ports, conversation):
        self.ports = ports
        self.conversation = conversation
        self.acknowledged = 0
        self.refused = 0
        self.slowest = 0.0

    async def run(self, seconds):
        deadline = time.monotonic() + seconds
        number = 0
        while time.monotonic() < deadline:
            number += 1
            started = time.monotonic()
            answer = await http.post(self.ports[number % len(self.ports)], f"text {number}", self.conversation)
            self.slowest = max(self.slowest, time.monotonic() - started)
            if answer.status == 201:
                self.acknowledged += 1
            else:
                assert answer.status == 503 and "retry-after" in answer.headers, (answer.status, answer.headers)
                self.refused += 1
            await asyncio.sleep(0.02)


class Stopped(unittest.IsolatedAsyncioTestCase):
    async def test_a_node_stopped_for_10_seconds_catches_up_within_2(self):
        async with running() as cluster:
            stopped, *others = cluster.nodes
            behind = await Watcher(stopped.port, "room").open()
            live = [await Watcher(node.port, "room").open() for node in others]
            load = Trickle([node.port for node in others], "room")
            stopped.pause()
            try:
                await load.run(SECONDS)
            finally:
                stopped.resume()
            resumed = time.monotonic()
            self.assertGreater(load.acknowledged, 100)
            self.assertLess(load.slowest, 3.5)
            for watcher in live:
                frames = await watcher.collect(load.acknowledged, 2)
                self.assertEqual([frame["payload"]["seq"] for frame in frames],
                                 list(range(1, load.acknowledged + 1)))
            frames = await behind.collect(load.acknowledged, 4)
            late = time.monotonic() - resumed
            print(f"{load.acknowledged} acknowledged, {load.refused} refused; caught up {late:.2f} s after its return")
            self.assertEqual([frame["payload"]["seq"] for frame in frames], list(range(1, load.acknowledged + 1)))
            self.assertLess(late, 2)
            await cluster.meshed(5)

    async def test_deliveries_and_reads_elsewhere_go_on_while_a_node_is_stopped(self):
        async with running() as cluster:
            stopped, first, second = cluster.nodes
            watcher = await Watcher(second.port, "room").open()
            stopped.pause()
            try:
                for i in range(1, 40):
                    started = time.monotonic()
                    answer = await http.post(first.port, f"text {i}", "room")
                    if answer.status == 201:
                        await watcher.next(1)
                        self.assertLess(time.monotonic() - started, 2.5)
                    page = await http.request(second.port, "GET", "/v1/conversations/room/comments",
                                              headers=http.bearer("u"))
                    self.assertEqual(page.status, 200)
            finally:
                stopped.resume()


class CutFromTheBus(unittest.IsolatedAsyncioTestCase):
    """In a network namespace of its own: nftables drops the packets of the bus."""

    @own_network(needs=("ip", "unshare", "nft"))
    async def test_with_the_bus_cut_every_node_still_gets_everything_within_a_second(self):
        async with running() as cluster:
            cut, *others = cluster.nodes
            watcher = await Watcher(cut.port, "room").open()
            self.block(cluster.nodes)

            async def noticed():
                return all([(await node.metrics())["danwa_cluster_peers"] == 0 for node in cluster.nodes])

            for i in range(1, 101):
                self.assertEqual((await http.post(others[i % 2].port, f"text {i}", "room")).status, 201)
                self.assertEqual((await watcher.next(1))["payload"]["seq"], i)
            await until(noticed, 5, "the cut is noticed")
            for i in range(101, 121):
                self.assertEqual((await http.post(others[i % 2].port, f"text {i}", "room")).status, 201)
                self.assertEqual((await watcher.next(1))["payload"]["seq"], i)
            subprocess.run(["nft", "flush", "ruleset"], check=True)
            await cluster.meshed(6)
            await http.post(others[0].port, "healed", "room")
            self.assertEqual((await watcher.next(1))["payload"]["seq"], 121)

    @staticmethod
    def block(nodes):
        """Drops every packet from and to the bus ports of all nodes, whoever dialled. (With one port
        blocked alone the node behind it dials the others, and the mesh is whole again.)"""
        listed = ", ".join(str(node.cluster_port) for node in nodes)
        rules = f"""table inet cut {{
          chain output {{
            type filter hook output priority 0;
            tcp dport {{ {listed} }} drop
            tcp sport {{ {listed} }} drop
          }}
        }}"""
        subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)
