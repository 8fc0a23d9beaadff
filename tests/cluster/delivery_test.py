"""What is sent on one node is seen on every node."""

import asyncio
import unittest

from harness import http
from harness.cluster import running
from harness.waiting import until
from harness.websocket import Watcher


async def watch_all(nodes, conversation, **query):
    return [await Watcher(node.port, conversation, **query).open() for node in nodes]


class Delivery(unittest.IsolatedAsyncioTestCase):
    async def test_a_comment_reaches_watchers_on_every_node_with_the_same_seq_and_text(self):
        async with running() as cluster:
            watchers = await watch_all(cluster.nodes, "room")
            answer = await http.post(cluster.nodes[0].port, "hello, 談話", "room")
            self.assertEqual(answer.status, 201)
            seen = [await watcher.next(5) for watcher in watchers]
            for frame in seen:
                self.assertEqual(frame["type"], "comment-added")
                self.assertEqual(frame, seen[0])
            payload = seen[0]["payload"]
            self.assertEqual(payload["commentContent"], "hello, 談話")
            self.assertEqual(payload["seq"], 1)
            self.assertEqual(payload["commentId"], answer.json()["id"])
            self.assertEqual(payload["authorId"], "user-1")
            self.assertEqual(payload["conversationKey"], "room")

    async def test_a_watcher_of_another_conversation_gets_nothing(self):
        async with running(size=2) as cluster:
            here = await Watcher(cluster.nodes[1].port, "here").open()
            there = await Watcher(cluster.nodes[1].port, "there").open()
            for i in range(20):
                await http.post(cluster.nodes[0].port, f"text {i}", "here")
            await here.collect(20)
            with self.assertRaises(asyncio.TimeoutError):
                await there.next(1)

    async def test_every_kind_of_change_is_seen_in_order(self):
        async with running() as cluster:
            watchers = await watch_all(cluster.nodes, "room")
            first, second, third = (node.port for node in cluster.nodes)
            comment = (await http.post(first, "one", "room")).json()
            path = "/v1/comments/" + comment["id"]
            edited = await http.request(second, "PATCH", path, {"content": "two"}, http.bearer("user-1"))
            self.assertEqual((edited.status, edited.json()["version"]), (200, 2))
            removed = await http.request(third, "DELETE", path, headers=http.bearer("user-1"))
            self.assertEqual(removed.status, 204)
            for watcher in watchers:
                frames = await watcher.collect(3)
                self.assertEqual([frame["type"] for frame in frames],
                                 ["comment-added", "comment-updated", "comment-deleted"])
                self.assertEqual([frame["payload"]["seq"] for frame in frames], [1, 2, 3])

    async def test_a_watch_resumes_on_another_node_where_it_ended(self):
        async with running() as cluster:
            for i in range(10):
                await http.post(cluster.nodes[0].port, f"text {i}", "room")
            first = await Watcher(cluster.nodes[0].port, "room", after=0).open()
            frames = await first.collect(4)
            first.vanish()
            epoch = first.watching["payload"]["cursor"].split(":")[0]
            cursor = f"{epoch}:{frames[3]['payload']['seq']}"
            second = await Watcher(cluster.nodes[2].port, "room", after=cursor).open()
            await http.post(cluster.nodes[1].port, "the last", "room")
            rest = await second.collect(11)
            self.assertEqual([frame["payload"]["seq"] for frame in rest], list(range(5, 12)))

    async def test_an_after_beyond_the_head_or_of_another_epoch_is_told_reset(self):
        async with running(size=1) as cluster:
            port = cluster.nodes[0].port
            await http.post(port, "one", "room")
            for after in ("17", "0123456789abcdef:1"):
                watcher = Watcher(port, "room", after=after)
                await watcher.open(expect_watching=False)
                frames = [await watcher.next(5)]
                if frames[0]["type"] == "watching":
                    frames.append(await watcher.next(5))
                self.assertEqual(frames[-1]["type"], "reset", frames)
                self.assertTrue(frames[-1]["payload"]["cursor"].endswith(":1"), frames)
                watcher.vanish()

    async def test_a_removed_text_is_served_by_no_node_or_endpoint_one_second_later(self):
        secret = "the-text-that-must-go-7f3a"
        async with running() as cluster:
            watchers = await watch_all(cluster.nodes, "room")  # the tail caches hold the text now
            comment = (await http.post(cluster.nodes[0].port, secret, "room")).json()
            path = "/v1/comments/" + comment["id"]
            await http.request(cluster.nodes[1].port, "PATCH", path, {"content": secret + " edited"},
                               http.bearer("user-1"))
            for watcher in watchers:
                await watcher.collect(2)
            removed = await http.request(cluster.nodes[2].port, "DELETE", path, headers=http.bearer("user-1"))
            self.assertEqual(removed.status, 204)
            for watcher in watchers:
                await watcher.collect(3)
            await asyncio.sleep(1)  # the promise's own second
            for node in cluster.nodes:
                self.assertEqual((await http.request(node.port, "GET", path, headers=http.bearer("user-1"))).status, 404)
                pages = [await http.request(node.port, "GET", target, headers={**http.bearer("user-1"), **accept})
                         for target, accept in (("/v1/conversations/room/comments", {}),
                                                (http.updates_path("room", after=0), {"Accept": "application/json"}))]
                for page in pages:
                    self.assertEqual(page.status, 200)
                    self.assertNotIn(secret.encode(), page.body)
                updates = pages[1].json()["updates"]
                self.assertEqual([update["payload"]["seq"] for update in updates], [1, 2, 3])
                self.assertTrue(all(update["payload"].get("redacted") for update in updates[:2]))
                replay = await Watcher(node.port, "room", after=0).open()
                frames = await replay.collect(3)
                self.assertEqual([frame["payload"]["seq"] for frame in frames], [1, 2, 3])
                self.assertNotIn(secret, str(frames))

    async def test_an_idempotent_retry_on_another_node_gets_the_first_answer(self):
        async with running() as cluster:
            key = {"Idempotency-Key": "try-1"}
            first = await http.post(cluster.nodes[0].port, "once", "room", headers=key)
            again = await http.post(cluster.nodes[1].port, "once", "room", headers=key)
            other = await http.post(cluster.nodes[2].port, "something else", "room", headers=key)
            self.assertEqual((first.status, again.status, other.status), (201, 201, 422))
            self.assertEqual(first.json(), again.json())
            self.assertEqual(again.headers.get("idempotency-replayed"), "true")
            self.assertEqual(len(await http.read_log(cluster.nodes[0].port, "room")), 1)

    async def test_nodes_mesh_whatever_order_they_start_in(self):
        async with running() as cluster:
            await cluster.nodes[0].terminate()
            await cluster.meshed()
            await cluster.nodes[0].start()
            await cluster.meshed()
            watchers = await watch_all(cluster.nodes, "room")
            await http.post(cluster.nodes[0].port, "back", "room")
            for watcher in watchers:
                self.assertEqual((await watcher.next(5))["payload"]["commentContent"], "back")


class WithoutTheBus(unittest.IsolatedAsyncioTestCase):
    async def test_every_watcher_gets_every_update_within_a_second_through_the_log_tail(self):
        async with running(bus="none") as cluster:
            watchers = await watch_all(cluster.nodes, "room")
            for i in range(1, 31):
                node = cluster.nodes[i % 3]
                self.assertEqual((await http.post(node.port, f"text {i}", "room")).status, 201)
                for watcher in watchers:
                    self.assertEqual((await watcher.next(1))["payload"]["seq"], i)


class Drain(unittest.IsolatedAsyncioTestCase):
    async def test_sigterm_closes_watchers_with_1001_and_exits_with_0(self):
        async with running(size=2) as cluster:
            watcher = await Watcher(cluster.nodes[0].port, "room").open()
            ending = asyncio.create_task(cluster.nodes[0].terminate(30))
            try:
                while True:
                    await watcher.next(20)
            except Exception as ended:  # noqa: BLE001 - examined below
                self.assertEqual(getattr(ended, "code", None), 1001, repr(ended))
                self.assertIn("retry-after=", ended.reason)
            self.assertEqual(await ending, 0)

            async def alone():
                return (await cluster.nodes[1].metrics())["danwa_cluster_peers"] == 0

            await until(alone, 5, "the other node notices")


if __name__ == "__main__":
    unittest.main()
