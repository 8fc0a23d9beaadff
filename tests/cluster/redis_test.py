"""Nodes whose bus is Redis: everybody sees everything, whatever becomes of Redis."""

import asyncio
import pathlib
import tempfile
import time
import unittest

from harness import http
from harness.cluster import running
from harness.redis import over_redis, redis_server
from harness.waiting import ended, until
from harness.websocket import Watcher


class Load:
    """Posts to all nodes in turn until it is stopped."""

    def __init__(self, nodes, conversation, pause=0.005):
        self.nodes = nodes
        self.conversation = conversation
        self.pause = pause
        self.posted = 0
        self.task = None

    async def _run(self):
        connections = [await http.Connection(node.port).open() for node in self.nodes]
        try:
            while True:
                connection = connections[self.posted % len(connections)]
                body = {"content": f"text {self.posted}", "conversationKey": self.conversation}
                answer = await connection.request("POST", "/v1/comments", body, http.bearer("user-1"))
                assert answer.status == 201, (answer.status, answer.body)
                self.posted += 1
                await asyncio.sleep(self.pause)
        finally:
            for connection in connections:
                connection.close()

    async def __aenter__(self):
        self.task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_):
        await ended(self.task)
        if not self.task.cancelled():
            self.task.result()


async def events_in(nodes):
    return [(await node.metrics())["danwa_bus_events_in_total"] for node in nodes]


async def live_again(nodes, seconds):
    """Events come over the bus at every node; how long that took."""
    start = time.monotonic()
    before = await events_in(nodes)

    async def all_rose():
        return all(now > then for now, then in zip(await events_in(nodes), before))

    await until(all_rose, seconds, "events come through Redis at every node")
    return time.monotonic() - start


class OverRedis(unittest.IsolatedAsyncioTestCase):
    async def test_a_comment_reaches_watchers_on_every_node_within_milliseconds(self):
        async with over_redis() as (cluster, redis):
            watchers = [await Watcher(node.port, "room").open() for node in cluster.nodes]

            async def all_subscribe():
                return await redis.subscribers("danwa:demo:conversation:room") == len(cluster.nodes)

            await until(all_subscribe, 5, "the channel is subscribed")
            took = []
            for i in range(1, 51):
                start = time.monotonic()
                answer = await http.post(cluster.nodes[i % 3].port, f"text {i}", "room")
                self.assertEqual(answer.status, 201)
                for watcher in watchers:
                    self.assertEqual((await watcher.next(5))["payload"]["seq"], i)
                took.append(time.monotonic() - start)
            print(f"post to last watcher, median: {sorted(took)[25] * 1000:.1f} ms")
            self.assertTrue(all(count > 0 for count in await events_in(cluster.nodes)))

    async def test_a_channel_is_subscribed_while_somebody_watches_it(self):
        async with over_redis(2) as (cluster, redis):
            self.assertEqual(await redis.channels(), set())
            first = await Watcher(cluster.nodes[1].port, "room").open()
            second = await Watcher(cluster.nodes[1].port, "room").open()

            async def one_subscribes():
                return await redis.subscribers("danwa:demo:conversation:room") == 1

            await until(one_subscribes, 5, "node 2 alone subscribes")
            await first.close()
            await http.post(cluster.nodes[0].port, "still here", "room")
            self.assertEqual((await second.next(5))["payload"]["commentContent"], "still here")
            self.assertTrue(await one_subscribes())
            await second.close()

            async def nobody():
                return await redis.channels() == set()

            await until(nobody, 5, "nobody subscribes")

    async def test_a_restart_of_redis_under_load_loses_nothing_and_is_over_in_five_seconds(self):
        async with over_redis() as (cluster, redis):
            watchers = [await Watcher(node.port, "room").open() for node in cluster.nodes for _ in range(2)]
            collected = []
            async with Load(cluster.nodes, "room") as load:
                await live_again(cluster.nodes, 10)
                for _ in range(2):
                    redis.kill()
                    posted = load.posted
                    await until(lambda: load.posted > posted + 50, 15, "nodes serve without Redis")
                    await redis.start()
                    took = await live_again(cluster.nodes, 5)
                    print(f"live again {took:.2f} s after Redis is")
            for watcher in watchers:
                frames = await watcher.collect(load.posted, 30)
                collected.append([frame["payload"]["seq"] for frame in frames])
            for seqs in collected:
                self.assertEqual(seqs, list(range(1, load.posted + 1)))
            for node in cluster.nodes:
                self.assertTrue(await node.ready())

    async def test_nodes_start_and_serve_without_redis_and_use_it_once_it_is_there(self):
        async with redis_server() as redis:
            redis.kill()
            async with running(size=2, bus="redis", settings={"redis.url": redis.url}) as cluster:
                self.assertTrue(all([await node.ready() for node in cluster.nodes]))
                watcher = await Watcher(cluster.nodes[1].port, "room").open()
                await http.post(cluster.nodes[0].port, "one", "room")
                self.assertEqual((await watcher.next(2))["payload"]["seq"], 1)
                await redis.start()
                await redis.all_listen(2)
                async with Load(cluster.nodes[:1], "room"):
                    await live_again(cluster.nodes[1:], 5)

    async def test_nodes_serve_and_end_while_redis_hangs(self):
        async with over_redis(2) as (cluster, redis):
            watcher = await Watcher(cluster.nodes[1].port, "room").open()
            redis.pause()
            for seq in range(1, 21):
                self.assertEqual((await http.post(cluster.nodes[0].port, f"text {seq}", "room", timeout=2)).status, 201)
            seen = await watcher.collect(20, 5)  # by the log's tail
            self.assertEqual([frame["payload"]["seq"] for frame in seen], list(range(1, 21)))
            self.assertTrue(await cluster.nodes[0].ready())
            self.assertEqual([await node.terminate(20) for node in cluster.nodes], [0, 0])

    async def test_a_password_opens_redis_and_is_never_logged(self):
        password = "the-password-7f3a"
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(password + "\n")
            file.flush()
            async with redis_server(password) as redis:
                settings = {"redis.url": redis.url, "log.level": "debug"}
                keys = {0: {"redis.password_file": file.name}, 1: {"redis.password": "wrong-" + password}}
                async with running(size=2, bus="redis", settings=settings, per_node=keys) as cluster:
                    await redis.all_listen(1)
                    logs = [pathlib.Path(node.log_path) for node in cluster.nodes]
                    await until(lambda: b"redis.refused" in logs[1].read_bytes(), 5, "the wrong one is refused")
                    self.assertIn(b"WRONGPASS", logs[1].read_bytes())
                    self.assertIn(b"redis.connected", logs[0].read_bytes())
                    for log in logs:
                        self.assertNotIn(password.encode(), log.read_bytes())


class Notifications(unittest.IsolatedAsyncioTestCase):
    @staticmethod
    async def inbox(node, user):
        watcher = Watcher(node.port, "", user=user)
        watcher.path = "/v1/notifications/updates"
        return await watcher.open()

    async def notify(self, node, to, text):
        body = {"to": {"user": to}, "text": text}
        answer = await http.request(node.port, "POST", "/v1/notifications", body, http.bearer("carol"))
        self.assertEqual(answer.status, 201, answer.body)

    async def test_a_notification_goes_through_the_redis_channel_of_the_person_who_watches(self):
        async with over_redis() as (cluster, redis):
            bob = await self.inbox(cluster.nodes[1], "bob")
            alice = await self.inbox(cluster.nodes[2], "alice")

            async def both_subscribed():
                return {"danwa:demo:user:bob", "danwa:demo:user:alice"} <= await redis.channels()

            await until(both_subscribed, 5, "both inboxes are subscribed")
            await self.notify(cluster.nodes[0], "bob", "hi")
            await self.notify(cluster.nodes[0], "alice", "not for bob")
            self.assertEqual((await bob.next(5))["payload"]["text"], "hi")
            self.assertEqual((await alice.next(5))["payload"]["text"], "not for bob")  # and nothing before it
            await bob.close()
            await alice.close()

            async def nobody():
                return await redis.channels() == set()

            await until(nobody, 5, "nobody subscribes")


if __name__ == "__main__":
    unittest.main()
