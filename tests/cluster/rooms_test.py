"""Rooms over three nodes: who is in, who sees what, and what ends with a membership."""

import asyncio
import time
import unittest

from harness import http
from harness.cluster import running
from harness.waiting import until
from harness.websocket import Ended, Refused, Watcher

ROOM = "/v1/conversations/room"


def request(node, method, path, user, body=None, **headers):
    return http.request(node.port, method, path, body, {**http.bearer(user), **headers})


def member(user):
    return f"{ROOM}/members/{user}"


async def set_up(cluster, *members):
    """A private room of alice's; its head."""
    answer = await request(cluster.nodes[0], "PUT", ROOM, "alice", {"title": "Night shift", "visibility": "private"})
    assert answer.status == 201, answer.body
    head = answer.json()["headSeq"]
    for user in members:
        answer = await request(cluster.nodes[0], "PUT", member(user), "alice")
        assert answer.status == 201, answer.body
        head = answer.json()["seq"]
    return head


async def ended(watcher, seconds):
    """The close code, whatever frames come before."""
    async def read():
        try:
            while True:
                await watcher.next()
        except Ended as end:
            return end.code

    return await asyncio.wait_for(read(), seconds)


async def timed(waiting):
    """Its result, and when it came."""
    return await waiting, time.monotonic()


class EventStream:
    """Server-sent events of the room, read to their end."""

    async def open(self, node, user):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", node.port)
        lines = [f"GET {ROOM}/updates HTTP/1.1", f"Host: 127.0.0.1:{node.port}", "Accept: text/event-stream",
                 f"Authorization: Bearer {user}"]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
        head = await asyncio.wait_for(self.reader.readuntil(b"watching"), 10)
        assert b" 200 " in head, head
        return self

    async def to_the_end(self, seconds):
        """All that came until the server closed."""
        data = await asyncio.wait_for(self.reader.read(), seconds)
        self.writer.close()
        return data


class Rooms(unittest.IsolatedAsyncioTestCase):
    async def test_joining_and_leaving_are_seen_on_every_node_under_one_number(self):
        async with running() as cluster:
            watchers = [await Watcher(node.port, "room").open() for node in cluster.nodes]
            joined = await request(cluster.nodes[0], "PUT", member("bob"), "bob")
            self.assertEqual(joined.status, 201)
            again = await request(cluster.nodes[1], "PUT", member("bob"), "bob")
            self.assertEqual((again.status, again.json()), (200, joined.json()))
            self.assertEqual((await request(cluster.nodes[2], "DELETE", member("bob"), "bob")).status, 204)
            self.assertEqual((await request(cluster.nodes[0], "DELETE", member("bob"), "bob")).status, 204)
            await http.post(cluster.nodes[1].port, "the last", "room")
            for watcher in watchers:
                frames = await watcher.collect(3)
                self.assertEqual([(frame["type"], frame["payload"]["seq"]) for frame in frames],
                                 [("member-joined", 1), ("member-left", 2), ("comment-added", 3)])
                self.assertEqual((frames[0]["payload"]["userId"], frames[0]["payload"]["byUserId"]), ("bob", "bob"))

    async def test_a_private_room_answers_outsiders_nothing_but_that_at_every_endpoint(self):
        async with running() as cluster:
            await set_up(cluster)
            sent = await http.post(cluster.nodes[0].port, "secret", "room", user="alice")
            comment = "/v1/comments/" + sent.json()["id"]
            asked = [("GET", ROOM, None), ("GET", f"{ROOM}/members", None), ("GET", f"{ROOM}/comments", None),
                     ("GET", f"{ROOM}/updates?after=0", None), ("GET", comment, None),
                     ("PATCH", comment, {"content": "x"}), ("DELETE", comment, None),
                     ("POST", "/v1/comments", {"content": "x", "conversationKey": "room"}),
                     ("PUT", member("eve"), None), ("DELETE", member("alice"), None), ("PUT", ROOM, {"title": "x"})]
            for node in cluster.nodes:
                for method, path, body in asked:
                    answer = await request(node, method, path, "eve", body)
                    self.assertEqual((answer.status, answer.json()["errorCode"]), (403, "not-a-member"), (method, path))
                    self.assertNotIn(b"secret", answer.body)
                stream = await request(node, "GET", f"{ROOM}/updates", "eve", Accept="text/event-stream")
                self.assertEqual(stream.status, 403)
                for user in ("eve", None):
                    with self.assertRaises(Refused) as refused:
                        await Watcher(node.port, "room", user=user, after=0).open()
                    self.assertEqual(refused.exception.answer.json()["errorCode"], "not-a-member")
                listed = (await request(node, "GET", "/v1/conversations", "eve")).json()
                self.assertEqual(listed["conversations"], [])
                self.assertEqual((await request(node, "GET", comment, "alice")).json()["content"], "secret")

    async def test_a_watch_ends_with_the_membership_on_every_node_and_sees_nothing_more(self):
        async with running() as cluster:
            await set_up(cluster, "bob")
            sockets = [await Watcher(node.port, "room", user="bob").open() for node in cluster.nodes]
            streams = [await EventStream().open(node, "bob") for node in cluster.nodes]
            stays = await Watcher(cluster.nodes[2].port, "room", user="alice").open()
            ends = asyncio.gather(*(timed(ended(socket, 20)) for socket in sockets),
                                  *(timed(stream.to_the_end(20)) for stream in streams))
            self.assertEqual((await request(cluster.nodes[0], "DELETE", member("bob"), "alice")).status, 204)
            start = time.monotonic()
            for node in cluster.nodes:
                await http.post(node.port, "secret", "room", user="alice")
            results, times = zip(*await ends)
            self.assertEqual(results[:3], (4403,) * 3)
            for data in results[3:]:
                self.assertNotIn(b"secret", data)
            self.assertLess(max(times) - start, 1)
            self.assertEqual((await stays.collect(7))[-1]["type"], "comment-added")

    async def test_a_watch_ends_within_a_second_though_its_reader_has_stopped(self):
        async with running(size=2) as cluster:
            await set_up(cluster, "bob")
            stuck = await Watcher(cluster.nodes[1].port, "room", user="bob", receive_buffer=4096).open()
            for _ in range(300):
                await http.post(cluster.nodes[0].port, "x" * 3900, "room", user="alice")
            reader = cluster.nodes[1]

            async def unwatched():
                return (await reader.metrics())["danwa_websockets"] == 0

            self.assertFalse(await unwatched())
            self.assertEqual((await request(cluster.nodes[0], "DELETE", member("bob"), "alice")).status, 204)
            await http.post(cluster.nodes[0].port, "secret", "room", user="alice")
            await until(unwatched, 2, "the node gives up on the watcher")
            frames = []
            with self.assertRaises(Ended):
                while True:
                    frames.append(await stuck.next(5))
            self.assertNotIn("secret", [frame["payload"].get("commentContent") for frame in frames])

    async def test_closing_a_room_ends_the_watches_of_outsiders_alone(self):
        async with running() as cluster:
            first = cluster.nodes[0]
            await request(first, "PUT", ROOM, "alice", {"title": "Open"})
            await request(first, "PUT", member("bob"), "bob")
            outside = [await Watcher(node.port, "room", user=user).open()
                       for node in cluster.nodes for user in ("eve", None)]
            inside = [await Watcher(node.port, "room", user="bob").open() for node in cluster.nodes]
            self.assertEqual((await request(first, "PUT", ROOM, "alice", {"visibility": "private"})).status, 200)
            await http.post(first.port, "secret", "room", user="alice")
            self.assertEqual(await asyncio.gather(*(ended(watcher, 3) for watcher in outside)), [4403] * 6)
            for watcher in inside:
                frames = await watcher.collect(5)
                self.assertEqual([frame["type"] for frame in frames], ["conversation-updated", "comment-added"])

    async def test_a_long_poll_of_somebody_turned_out_is_refused(self):
        async with running(size=2) as cluster:
            head = await set_up(cluster, "bob")
            path = f"{ROOM}/updates?after={head}&wait=20"
            poll = asyncio.create_task(request(cluster.nodes[1], "GET", path, "bob"))
            other = asyncio.create_task(request(cluster.nodes[1], "GET", path, "alice"))

            async def both_wait():
                return (await cluster.nodes[1].metrics())["danwa_router_entries"] == 2

            await until(both_wait, 10, "both wait")
            await request(cluster.nodes[0], "DELETE", member("bob"), "alice")
            answer = await asyncio.wait_for(poll, 5)
            self.assertEqual((answer.status, answer.json()["errorCode"]), (403, "not-a-member"))
            updates = (await asyncio.wait_for(other, 5)).json()["updates"]
            self.assertEqual([update["type"] for update in updates], ["member-left"])

    async def test_the_last_owner_may_leave_and_another_may_take_over(self):
        async with running(size=1) as cluster:
            node, = cluster.nodes
            await set_up(cluster, "bob")
            refused = await request(node, "PUT", ROOM, "bob", {"title": "Mine"})
            self.assertEqual(refused.json()["errorCode"], "not-an-owner")
            self.assertEqual((await request(node, "DELETE", member("alice"), "alice")).status, 204)
            taken = await request(node, "PUT", ROOM, "bob", {"title": "Mine"})
            self.assertEqual((taken.status, taken.json()["role"]), (200, "owner"))
            self.assertEqual((await request(node, "GET", ROOM, "alice")).status, 403)


if __name__ == "__main__":
    unittest.main()
