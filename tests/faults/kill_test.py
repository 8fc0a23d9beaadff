"""kill -9 under load: what was acknowledged is in the log, once; watchers that move miss nothing."""

import asyncio
import random
import unittest

from harness.cluster import running
from harness.load import Load, MovingWatcher, acknowledged, check_log
from harness.waiting import ended

ROUNDS = 20
ACKNOWLEDGED = 1000  # at least, a round
CONVERSATIONS = 4


class KillNine(unittest.IsolatedAsyncioTestCase):
    async def one_round(self, cluster, number):
        conversations = [f"round-{number}-{i}" for i in range(CONVERSATIONS)]
        load = Load(cluster.nodes, conversations)
        watchers = [MovingWatcher(cluster.nodes, conversation) for conversation in conversations for _ in range(2)]
        tasks = [asyncio.create_task(watcher.run()) for watcher in watchers]
        victim = random.choice(cluster.nodes)
        kill_at = random.randint(50, ACKNOWLEDGED - 50)

        async def script():
            await acknowledged(load, kill_at, tasks, 60)
            victim.kill()
            await acknowledged(load, kill_at + 50, tasks, 60)
            await victim.start()
            await acknowledged(load, ACKNOWLEDGED, tasks, 120)

        await load.run(script)
        for watcher in watchers:
            await watcher.saw_all(await check_log(self, cluster.nodes[0].port, load, watcher.conversation))
        await ended(*tasks)
        return len(load.acknowledged)

    async def test_20_rounds_lose_and_repeat_nothing(self):
        async with running() as cluster:
            total = 0
            for number in range(ROUNDS):
                total += await self.one_round(cluster, number)
                await cluster.meshed()
            print(f"{total} acknowledged over {ROUNDS} rounds")
