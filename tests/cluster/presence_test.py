"""Who watches a conversation is known on every node through which somebody watches or reads it, and nobody flickers."""

import asyncio
import time
import unittest

from harness import http
from harness.cluster import running
from harness.redis import over_redis
from harness.waiting import until
from harness.websocket import Ended, Watcher


async def present(node, conversation="room", user="zoe"):
    answer = await http.request(node.port, "GET", f"/v1/conversations/{conversation}/presence",
                                headers=http.bearer(user))
    assert answer.status == 200, answer.body
    return answer.json()["users"]


async def agreed(nodes, users, seconds=5):
    async def all_see():
        return all([await present(node) == users for node in nodes])

    await until(all_see, seconds, f"{users} present on every node")


class Observer:
    """Keeps every `presence-changed` of one watch, with its time."""

    def __init__(self, node, user):
        self.watcher = Watcher(node.port, "room", user=user)
        self.seen = []
        self.task = None

    async def open(self):
        await self.watcher.open()
        self.task = asyncio.create_task(self._read())
        return self

    async def _read(self):
        try:
            while True:
                frame = await self.watcher.next(3600)
                if frame["type"] == "presence-changed":
                    assert frame["payload"]["count"] == len(frame["payload"]["users"]), frame
                    self.seen.append((time.monotonic(), frame["payload"]["users"]))
        except Ended:
            pass

    def shows(self, users):
        return bool(self.seen) and self.seen[-1][1] == users

    def always(self, user, since=0.0):
        return all(user in users for at, users in self.seen if at >= since)

    def close(self):
        self.task.cancel()
        self.watcher.vanish()


class Presence(unittest.IsolatedAsyncioTestCase):
    async def test_two_nodes_with_one_person_show_one_presence(self):
        async with running() as cluster:
            first, second, third = cluster.nodes
            alice = [await Observer(first, "alice").open(), await Observer(second, "alice").open()]
            bob = await Observer(third, "bob").open()
            await agreed(cluster.nodes, ["alice", "bob"])
            for observer in [*alice, bob]:
                await until(lambda o=observer: o.shows(["alice", "bob"]), 5, "all are shown both")
            together = time.monotonic()
            alice[0].close()
            # a person who leaves elsewhere is a sign that the leaving on the first node was heard, too
            bob.close()
            await agreed(cluster.nodes, ["alice"], 1)
            await until(lambda: alice[1].shows(["alice"]), 2, "alice sees bob go")
            self.assertTrue(alice[1].always("alice"))
            self.assertTrue(bob.always("alice", together))
            alice[1].close()
            await agreed(cluster.nodes, [], 1)

    async def test_people_of_a_killed_node_are_gone_within_5_s_and_nobody_else(self):
        async with running() as cluster:
            first, second, third = cluster.nodes
            alice = [await Observer(first, "alice").open(), await Observer(second, "alice").open()]
            carol = await Observer(second, "carol").open()
            await Observer(third, "bob").open()
            everybody = ["alice", "bob", "carol"]
            for observer in [*alice, carol]:
                await until(lambda o=observer: o.shows(everybody), 5, "all are shown everybody")
            settled = time.monotonic()
            third.kill()
            killed = time.monotonic()
            for observer in [*alice, carol]:
                await until(lambda o=observer: o.shows(["alice", "carol"]), 5 - (time.monotonic() - killed),
                            "bob is gone")
            self.assertEqual(await present(first), ["alice", "carol"])
            for observer in [*alice, carol]:
                after = [users for at, users in observer.seen if at >= settled]
                self.assertEqual(after, [["alice", "carol"]], "one change, and no other")

            await third.start()
            await cluster.meshed()
            bob = await Observer(third, "bob").open()
            await agreed(cluster.nodes, everybody)
            for observer in [*alice, carol, bob]:
                await until(lambda o=observer: o.shows(everybody), 5, "bob is back")
            for observer in [*alice, carol]:  # bob's node has just begun to hear of the others
                self.assertTrue(observer.always("alice", settled) and observer.always("carol", settled))

    async def test_a_node_that_stands_still_for_2_s_loses_nobody(self):
        async with running() as cluster:
            observers = [await Observer(node, f"user-{i}").open() for i, node in enumerate(cluster.nodes)]
            everybody = ["user-0", "user-1", "user-2"]
            for observer in observers:
                await until(lambda o=observer: o.shows(everybody), 5, "all are shown everybody")
            settled = time.monotonic()
            for node in cluster.nodes[1:]:
                node.pause()
                await asyncio.sleep(2)  # what is tested is this time
                node.resume()
                await cluster.meshed()
            late = await Observer(cluster.nodes[0], "user-9").open()
            for observer in observers:
                await until(lambda o=observer: o.shows([*everybody, "user-9"]), 5, "news still come")
                self.assertTrue(all(observer.always(user, settled) for user in everybody), observer.seen)
            late.close()

    async def test_people_of_a_draining_node_are_gone_with_their_connections(self):
        async with running(settings={"http.drain_window_ms": 500}) as cluster:
            first, second, third = cluster.nodes
            alice = await Observer(first, "alice").open()
            for i in range(20):
                await Observer(third, f"user-{i:02}").open()
            await until(lambda: alice.seen and len(alice.seen[-1][1]) == 21, 5, "all are shown")
            terminated = asyncio.create_task(third.terminate())
            await agreed([first, second], ["alice"], 2.5)
            await until(lambda: alice.shows(["alice"]), 1, "alice sees them go")
            self.assertEqual(await terminated, 0)
            await until(lambda: self.knows(first, 1), 1, "its goodbye is heard, long before the end of its lease")
            self.assertTrue(alice.always("alice"))

    async def hears_no_names(self, cluster):
        """Thirty people watch through two nodes. The third hears of them when somebody reads there."""
        first, second, third = cluster.nodes
        users = [f"user-{i:02}" for i in range(30)]
        observers = [await Observer((first, second)[i % 2], user).open() for i, user in enumerate(users)]
        for observer in observers:
            await until(lambda o=observer: o.shows(users), 5, "all are shown everybody")
        for observer in observers[:10]:
            observer.close()
        for observer in observers[10:]:
            await until(lambda o=observer: o.shows(users[10:]), 5, "all see them go")
        await until(lambda: self.knows(third, 2), 5, "the third node knows the others")
        metrics = await third.metrics()
        self.assertEqual(metrics["danwa_presence_names_in_total"], 0)
        self.assertEqual(metrics["danwa_presence_entries"], 0)
        self.assertGreater((await first.metrics())["danwa_presence_names_in_total"], 0)

        self.assertEqual(await present(third), users[10:], "the first answer names everybody")
        self.assertEqual((await third.metrics())["danwa_presence_names_in_total"], 20)
        observers[10].close()
        await until(lambda: self.sees(third, users[11:]), 5, "for a while it hears of every change")

    async def test_a_node_hears_no_names_of_conversations_that_nobody_watches_through_it(self):
        async with running() as cluster:
            await self.hears_no_names(cluster)

    async def test_the_same_over_redis(self):
        async with over_redis() as (cluster, _):
            await self.hears_no_names(cluster)

    async def test_over_redis_the_people_of_a_killed_node_are_gone_within_5_s_and_nobody_else(self):
        async with over_redis() as (cluster, _):
            first, second, third = cluster.nodes
            alice, carol = await Observer(first, "alice").open(), await Observer(second, "carol").open()
            await Observer(third, "bob").open()
            for observer in (alice, carol):
                await until(lambda o=observer: o.shows(["alice", "bob", "carol"]), 5, "all are shown everybody")
            settled = time.monotonic()
            third.kill()
            for observer in (alice, carol):
                await until(lambda o=observer: o.shows(["alice", "carol"]), 5, "bob is gone")
                self.assertTrue(observer.always("alice", settled) and observer.always("carol", settled))

    async def test_a_silent_node_holds_up_a_read_for_a_fifth_of_a_second(self):
        async with running() as cluster:
            first, second, third = cluster.nodes
            alice = await Observer(first, "alice").open()
            await agreed([first, second, third], ["alice"])
            second.pause()
            started = time.monotonic()
            self.assertEqual(await present(third, "another-room"), [])
            took = time.monotonic() - started
            second.resume()
            self.assertGreater(took, 0.15)
            self.assertLess(took, 1)
            alice.close()

    async def test_without_a_bus_only_this_nodes_watchers_are_known(self):
        async with running(size=2, bus="none") as cluster:
            await Observer(cluster.nodes[0], "alice").open()
            await until(lambda: self.sees(cluster.nodes[0], ["alice"]), 2, "alice on her node")
            self.assertEqual(await present(cluster.nodes[1]), [])

    @staticmethod
    async def knows(node, others):
        return (await node.metrics())["danwa_presence_nodes"] == others

    @staticmethod
    async def sees(node, users):
        return await present(node) == users
