"""danwad under ThreadSanitizer with 1, 2, 4 and 8 io threads, on a CAF that is instrumented too: races inside actors are
seen. Two nodes carry load, visitors that use every endpoint, readers that stall, and two drains."""

import asyncio
import random
import subprocess
import unittest

from harness import http
from harness.bench import bench
from harness.cluster import running
from harness.endpoints import Stale, join, send
from harness.load import Load, MovingWatcher, check_log
from harness.paths import ROOT
from harness.waiting import ended
from harness.websocket import Ended, Watcher

SUPPORT = ROOT / "tests/support"
CAF = ROOT / "build/caf-tsan/lib"
OPTIONS = "halt_on_error=0 exitcode=66 second_deadlock_stack=1"
START = ["env", f"LD_LIBRARY_PATH={CAF}", f"TSAN_OPTIONS={OPTIONS}"]
REPORT = "WARNING: ThreadSanitizer"
CONVERSATIONS = [f"moving-{i}" for i in range(4)]
VISITORS = 8
VISITS = 5
STALLED = 10
LONG_TEXTS = 150
LOADS = {  # a conversation with more than 64 watchers is a crowd, which is told in another way
    "a crowd": ["--watchers", "150", "--conversations", "1", "--rate", "15", "--text-size", "1000"],
    "many": ["--watchers", "200", "--conversations", "50", "--rate", "40"],
}


async def say(node, method, path, user, body, *expected):
    answer = await http.request(node.port, method, path, body, http.bearer(user), timeout=60)
    assert answer.status in expected, (method, path, answer.status, answer.body)


async def visit(nodes, number, stale):
    """Comes, writes, changes it, reads it everywhere, joins, is thrown out of a private conversation, and goes."""
    user, room = f"visitor-{number}", f"visited-{number % 3}"
    watcher = await Watcher(random.choice(nodes).port, room, user).open()
    sent = await send(nodes, user, room, "hello")
    for endpoint in sent.endpoints():
        await stale.check(sent, endpoint, random.choice(nodes))
    await say(random.choice(nodes), "GET", f"/v1/conversations/{room}/presence", user, None, 200)
    await say(random.choice(nodes), "PATCH", f"/v1/comments/{sent.id}", user, {"content": "hello again"}, 200)
    await say(random.choice(nodes), "DELETE", f"/v1/comments/{sent.id}", user, None, 204)
    watcher.vanish()
    own = f"own-{number}-{random.getrandbits(32)}"
    await say(nodes[0], "PUT", f"/v1/conversations/{own}", user, {"title": "mine", "visibility": "private"}, 201)
    await say(nodes[1], "PUT", f"/v1/conversations/{own}/members/guest", user, None, 201)
    watcher = await Watcher(nodes[1].port, own, "guest").open()
    await join(nodes, user, f"joined-{number}-{random.getrandbits(32)}")
    await say(nodes[0], "DELETE", f"/v1/conversations/{own}/members/guest", user, None, 204)
    try:
        while True:
            await watcher.next(30)
    except Ended as end:
        assert end.code == 4403, end


async def visit_often(nodes, number, stale):
    for _ in range(VISITS):
        await visit(nodes, number, stale)


async def stall(nodes):
    """Readers that take nothing while long texts are posted, then read all of them."""
    watchers = [await Watcher(random.choice(nodes).port, "stalled", f"slow-{i}", receive_buffer=4096, after=0).open()
                for i in range(STALLED)]
    for _ in range(LONG_TEXTS):
        await say(random.choice(nodes), "POST", "/v1/comments", "u", {"content": "x" * 3900, "conversationKey": "stalled"}, 201)
    for watcher in watchers:
        seqs = [frame["payload"]["seq"] for frame in await watcher.collect(LONG_TEXTS, 120)]
        assert seqs == list(range(1, LONG_TEXTS + 1)), seqs
        watcher.vanish()


class Threads(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run([SUPPORT / "build_caf_tsan"], check=True)
        subprocess.run([SUPPORT / "build", "tsan", "danwad"], check=True)

    def no_report(self, cluster):
        for node in cluster.nodes:
            with open(node.log_path, errors="replace") as log:
                text = log.read()
            self.assertEqual(text.count(REPORT), 0, f"{node.name}: " + text[text.find(REPORT):][:8000])

    def runs_on_the_instrumented_caf(self, node):
        with open(f"/proc/{node.pid}/maps") as maps:
            self.assertIn(f"{CAF}/libcaf_core.so", maps.read())

    async def check_with(self, nodes, load, *more):
        arguments = [*LOADS[load], "--posters", "4", "--request-timeout", "60", "--settle", "90", *more]
        status, result = await asyncio.to_thread(bench, nodes, *arguments, timeout=600)
        self.assertEqual(status, 0, f"{load}: {result}")
        print(f"{load}: {result['posts']['acknowledged']} posts, {result['deliveries']['count']} deliveries")

    async def restart(self, cluster, load):
        for node in cluster.nodes:
            before = len(load.acknowledged)
            self.assertEqual(await node.terminate(60), 0, "drained, and without a report")
            await node.start(60)
            await cluster.meshed(60)
            self.assertGreater(len(load.acknowledged), before, "the other serves on")

    async def serve(self, cluster):
        nodes = cluster.nodes
        load = Load(nodes, CONVERSATIONS, connections=4, pause=0.02)
        watchers = [MovingWatcher(nodes, conversation) for conversation in CONVERSATIONS for _ in range(5)]
        tasks = [asyncio.create_task(watcher.run()) for watcher in watchers]
        stale = Stale()

        async def all_that_happens():
            leave_and_return = ["--seconds", "10", "--reconnect", "32"]
            await asyncio.gather(*(visit_often(nodes, i, stale) for i in range(VISITORS)), stall(nodes),
                                 *(self.check_with(nodes, name, *leave_and_return) for name in LOADS))
            await asyncio.gather(self.restart(cluster, load),
                                 *(self.check_with(nodes, name, "--seconds", "15", "--crash-tolerant") for name in LOADS))

        try:
            await load.run(all_that_happens)
            self.assertEqual(stale, [])
            for watcher in watchers:
                await watcher.saw_all(await check_log(self, nodes[0].port, load, watcher.conversation), 60)
        finally:
            await ended(*tasks)

    async def right_with(self, threads):
        async with running(size=2, program=ROOT / "build/tsan/danwad", prefix=START,
                           settings={"http.threads": threads, "http.drain_window_ms": 1000}) as cluster:
            self.runs_on_the_instrumented_caf(cluster.nodes[0])
            try:
                await self.serve(cluster)
                for node in cluster.nodes:
                    self.assertEqual(await node.terminate(60), 0, "drained, and without a report")
            finally:
                self.no_report(cluster)

    async def test_1_io_thread(self):
        await self.right_with(1)

    async def test_2_io_threads(self):
        await self.right_with(2)

    async def test_4_io_threads(self):
        await self.right_with(4)

    async def test_8_io_threads(self):
        await self.right_with(8)


if __name__ == "__main__":
    unittest.main()
