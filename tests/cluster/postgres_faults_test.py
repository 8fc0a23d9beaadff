"""Faults of PostgreSQL under load: nothing acknowledged is lost, nothing comes twice, watchers miss nothing."""

import asyncio
import random
import unittest

from harness import http
from harness.load import Load, MovingWatcher, acknowledged, check_log
from harness.over_postgres import over_postgres
from harness.waiting import ended, until

CONVERSATIONS = ["one", "two", "three"]


class UnderLoad:
    """Posters and two watchers of each conversation."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.load = Load(cluster.nodes, CONVERSATIONS, connections=6, pause=0.002)
        self.watchers = [MovingWatcher(cluster.nodes, each) for each in CONVERSATIONS for _ in range(2)]
        self.tasks = [asyncio.create_task(watcher.run()) for watcher in self.watchers]

    async def more(self, count, seconds=60):
        """Waits for that many answers more."""
        await acknowledged(self.load, len(self.load.acknowledged) + count, self.tasks, seconds)

    async def until_refused(self, seconds=30):
        """Waits until every poster's attempts have failed once."""
        wanted = self.load.failed[503] + len(self.load.connections)
        await until(lambda: self.load.failed[503] >= wanted, seconds, "comments are refused")

    async def all_serve(self, seconds=30):
        """Every node takes comments."""
        async def all_ready():
            return all([await node.ready() for node in self.cluster.nodes])

        await until(all_ready, seconds, "every node is ready")
        for node in self.cluster.nodes:
            async def takes():
                return (await http.post(node.port, "do you?", "another room")).status == 201

            await until(takes, seconds, f"{node.name} takes comments")

    async def check(self, test):
        for watcher in self.watchers:
            await watcher.saw_all(await check_log(test, self.cluster.nodes[0].port, self.load, watcher.conversation))
        await ended(*self.tasks)
        print(f"{len(self.load.acknowledged)} acknowledged, failed attempts: {dict(self.load.failed)}")


class Failover(unittest.IsolatedAsyncioTestCase):
    async def test_a_promoted_standby_has_all_that_was_acknowledged_once(self):
        async with over_postgres(standby=True, synchronous=True) as (cluster, postgres):
            under = UnderLoad(cluster)

            async def script():
                await under.more(300)
                self.assertEqual(under.load.failed, {})
                postgres.primary.stop()
                await under.until_refused()
                await postgres.standby.promote()
                await under.all_serve()
                await under.more(300)
                refused = dict(under.load.failed)
                await under.more(300)
                self.assertEqual(under.load.failed, refused, "posts fail after the failover")

            await under.load.run(script)
            self.assertEqual(set(under.load.failed), {503})
            await under.check(self)
            self.assertEqual([watcher.moves for watcher in under.watchers], [0] * len(under.watchers))

    async def test_nothing_is_acknowledged_that_the_synchronous_standby_has_not(self):
        async with over_postgres(standby=True, synchronous=True) as (cluster, postgres):
            node, other, _ = cluster.nodes
            self.assertEqual((await http.post(node.port, "both have it", "room")).status, 201)
            key = {"Idempotency-Key": "one"}
            async with postgres.standby.deaf():
                answer = await http.post(node.port, "the primary alone has it", "room", headers=key)
                self.assertEqual(answer.status, 503)
            answer = None

            async def taken():
                nonlocal answer
                answer = await http.post(other.port, "the primary alone has it", "room", headers=key)
                return answer.status != 503

            await until(taken, 30, "comments are taken again")
            self.assertEqual((answer.status, answer.json()["seq"]), (201, 2))
            texts = [update["payload"]["commentContent"] for update in await http.read_log(node.port, "room")]
            self.assertEqual(texts, ["both have it", "the primary alone has it"])


class KillNine(unittest.IsolatedAsyncioTestCase):
    async def test_of_a_node_and_of_a_backend_loses_and_repeats_nothing(self):
        async with over_postgres() as (cluster, postgres):
            under = UnderLoad(cluster)

            async def script():
                for _ in range(2):
                    await under.more(300)
                    await postgres.primary.kill_backend(random.choice(await postgres.primary.backends()))
                    await under.all_serve()
                    victim = random.choice(cluster.nodes)
                    await under.more(200)
                    victim.kill()
                    await under.more(200)
                    await victim.start()
                    await cluster.meshed()

            await under.load.run(script)
            self.assertLessEqual(set(under.load.failed), {503, "no answer"})
            await under.check(self)

    async def test_of_the_server_is_over_when_it_is_back(self):
        async with over_postgres(size=2) as (cluster, postgres):
            under = UnderLoad(cluster)

            async def script():
                await under.more(200)
                postgres.primary.stop()
                await under.until_refused()
                await postgres.primary.start()
                await under.all_serve()
                await under.more(200)

            await under.load.run(script)
            self.assertEqual(set(under.load.failed), {503})
            await under.check(self)


if __name__ == "__main__":
    unittest.main()
