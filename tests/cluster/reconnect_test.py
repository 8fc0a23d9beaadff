"""A crowd that comes back asks the nodes and not the database."""

import asyncio
import unittest

from harness.bench import bench, crowd_that_comes_back
from harness.cluster import running
from harness.waiting import until

READS = ("danwa_master_reads_total", "danwa_replica_reads_total")


async def reads_of(node):
    figures = await node.metrics()
    return sum(figures[name] for name in READS)


class Reconnect(unittest.IsolatedAsyncioTestCase):
    async def watched_by(self, node, count):
        async def all_live():
            return (await node.metrics())["danwa_watchers_live"] == count

        await until(all_live, 60, f"{count} live watchers on {node.name}")

    async def test_10000_watchers_come_back_without_a_read_of_the_database(self):
        async with running(size=1) as cluster:
            status, result = await asyncio.to_thread(crowd_that_comes_back, cluster.nodes)
            self.assertEqual(status, 0, result)
            self.assertEqual(result["reconnect"]["watchers"], 10000)
            self.assertEqual(result["reconnect"]["database_reads"], 0)

    async def reads_after_a_death(self, watchers, conversations):
        """The second of two nodes dies. How often has the first one read the database for those who come to it?"""
        async with running(size=2) as cluster:
            survivor, victim = cluster.nodes
            load = asyncio.create_task(asyncio.to_thread(
                bench, [victim, survivor], "--watchers", str(watchers), "--conversations", str(conversations),
                "--posters", "2", "--rate", "1", "--seconds", "12", "--crash-tolerant"))
            here = watchers // 2 if watchers > conversations else 0
            await self.watched_by(survivor, here)
            await self.watched_by(victim, watchers - here)
            before = await reads_of(survivor)
            victim.kill()
            await self.watched_by(survivor, watchers)
            reads = await reads_of(survivor) - before
            status, result = await load
            self.assertEqual(status, 0, result)
            return reads

    async def test_after_the_death_of_their_node_they_cost_no_read_where_others_watch(self):
        self.assertEqual(await self.reads_after_a_death(watchers=4000, conversations=100), 0)

    async def test_and_one_read_for_each_conversation_that_nobody_watches_there(self):
        reads = await self.reads_after_a_death(watchers=200, conversations=200)
        self.assertLessEqual(reads, 200 + 2 * 12, "and a page for a conversation that has grown meanwhile")
