"""A rolling restart under load: three nodes drain and come back one by one; nothing is lost or repeated."""

import asyncio
import unittest

import kill_test
from harness.cluster import running
from harness.waiting import ended

CONVERSATIONS = [f"rolling-{i}" for i in range(4)]


class RollingRestart(unittest.IsolatedAsyncioTestCase):
    async def test_three_nodes_restarted_one_by_one_lose_and_repeat_nothing(self):
        async with running(settings={"http.drain_window_ms": 1000}) as cluster:
            load = kill_test.Load(cluster.nodes, CONVERSATIONS)
            watchers = [kill_test.MovingWatcher(cluster.nodes, conversation) for conversation in CONVERSATIONS
                        for _ in range(5)]
            tasks = [asyncio.create_task(watcher.run()) for watcher in watchers]

            async def restart_all():
                for node in cluster.nodes:
                    before = len(load.acknowledged)
                    self.assertEqual(await node.terminate(20), 0, "drained")
                    await node.start()
                    await cluster.meshed()
                    self.assertGreater(len(load.acknowledged), before, "the others serve on")

            await load.run(restart_all)
            for watcher in watchers:
                await self.check(cluster.nodes[0].port, load, watcher)
            self.assertGreater(sum(watcher.moves for watcher in watchers), 0)
            for task in tasks:
                self.assertFalse(task.done(), "a watcher failed")
            await ended(*tasks)
            print(f"{len(load.acknowledged)} acknowledged")

    async def check(self, port, load, watcher):
        total = await kill_test.KillNine.check_log(self, port, load, watcher.conversation)
        deadline = asyncio.get_running_loop().time() + 10
        while len(watcher.seqs) < total and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        self.assertEqual(watcher.seqs, list(range(1, total + 1)), f"moved {watcher.moves} times")
