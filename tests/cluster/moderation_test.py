"""Moderators and redacting edits, as every endpoint of every node tells of them."""

import asyncio
import contextlib
import json
import os
import subprocess
import tempfile
import time
import unittest

from harness import http, tokens
from harness.bench import bench
from harness.chat_rpc import Chat
from harness.cluster import running
from harness.paths import CHECK
from harness.redis import redis_server
from harness.waiting import until
from harness.websocket import Watcher
from privacy_endpoints import GraphqlWatch, SseWatch

ROOM = "/v1/conversations/room"
SECRET = "hunter2-7f3a"


class Person:
    def __init__(self, user, *verbs):
        self.company, self.user = "acme", user
        grants = [{"conversations": "*", "verbs": list(verbs)}] if verbs else None
        self.token, self.until = tokens.token(tokens.claims(sub=user, company=self.company, grants=grants)), None


ANN, BOB, EVE = Person("ann"), Person("bob"), Person("eve")
MOD = Person("mod", "moderate")  # and nothing else: not even read


@contextlib.asynccontextmanager
async def cluster_of(size=2, bus="caf", **settings):
    handle, key_file = tempfile.mkstemp()
    os.write(handle, tokens.SECRET)
    os.close(handle)
    try:
        settings = {**tokens.settings(key_file), "grpc.listen": "127.0.0.1:0", **settings}
        async with running(size=size, bus=bus, settings=settings) as cluster:
            yield cluster
    finally:
        os.unlink(key_file)


async def request(node, method, path, person, body=None, **headers):
    return await http.request(node.port, method, path, body, {**http.bearer(person.token), **headers})


async def graphql(node, person, query, **variables):
    answer = await request(node, "POST", "/graphql", person, {"query": query, "variables": variables})
    return answer.json()


async def say(node, person, text=SECRET, room="room"):
    answer = await http.post(node.port, text, room, user=person.token)
    assert answer.status == 201, answer.body
    return "/v1/comments/" + answer.json()["id"]


async def log_of(node, person):
    page = await request(node, "GET", f"{ROOM}/updates?after=0", person, Accept="application/json")
    return page.json()["updates"]


class Moderators(unittest.IsolatedAsyncioTestCase):
    async def test_remove_a_comment_of_somebody_else_and_every_endpoint_tells_who_did(self):
        async with cluster_of() as cluster:
            one, two = cluster.nodes
            comment = await say(one, ANN)
            socket = await Watcher(two.port, "room", user=BOB.token).open()
            chat = await Chat(two.grpc, BOB.token, "room").open()
            refused = await request(two, "DELETE", comment, BOB)
            self.assertEqual((refused.status, refused.json()["errorCode"]), (403, "not-the-author"))
            stale = await request(two, "DELETE", comment, MOD, **{"If-Match": '"7"'})
            self.assertEqual(stale.status, 412)
            self.assertEqual((await request(two, "PATCH", comment, MOD, {"content": "x"})).status, 404)
            self.assertEqual((await request(two, "DELETE", comment, MOD)).status, 204)
            frame = (await socket.next(5))["payload"]
            self.assertEqual((frame["seq"], frame["authorId"], frame["byUserId"]), (2, "ann", "mod"))
            told = await chat.next_update()
            self.assertEqual((told.kind, told.author, told.by), ("comment-deleted", "ann", "mod"))
            for node in cluster.nodes:
                first, last = await log_of(node, BOB)
                self.assertEqual((first["payload"]["commentContent"], last["payload"]["byUserId"]), (None, "mod"))
                self.assertEqual((await request(node, "DELETE", comment, MOD)).status, 404)
            await chat.close()

    async def test_remove_by_graphql_and_from_a_private_room_that_is_not_theirs(self):
        async with cluster_of() as cluster:
            one, two = cluster.nodes
            self.assertEqual((await request(one, "PUT", ROOM, ANN, {"visibility": "private"})).status, 201)
            comment = await say(one, ANN)
            self.assertEqual((await request(two, "DELETE", comment, EVE)).json()["errorCode"], "not-a-member")
            removal = "mutation($id: ID!) { removeComment(id: $id) }"
            ident = comment.rsplit("/", 1)[1]
            refused = await graphql(two, EVE, removal, id=ident)
            self.assertIn("not-a-member", json.dumps(refused["errors"]))
            self.assertEqual((await graphql(two, MOD, removal, id=ident))["data"], {"removeComment": True})
            query = ("subscription($room: String!, $after: String!) { onConversationUpdated(conversationKey: $room,"
                     " after: $after) { type seq content authorId byUserId } }")
            watch = GraphqlWatch(two.port, ANN, "room", {"room": 3}, True)
            watch.SUBSCRIPTION, watch.take = query, watch.seen.append
            self.assertTrue(await watch.open())
            await until(lambda: watch.seen, 5, "the removal")
            await watch.close()
            self.assertEqual((await request(one, "GET", comment, MOD)).status, 404, "it is gone")
            last = (await log_of(one, ANN))[-1]
            self.assertEqual((last["type"], last["payload"]["byUserId"]), ("comment-deleted", "mod"))

    async def test_close_what_others_use_and_nobody_else_does(self):
        async with cluster_of() as cluster:
            one, two = cluster.nodes
            await say(one, ANN, "mine")
            await say(one, BOB, "ours")
            for person in (EVE, ANN):
                refused = await request(two, "PUT", ROOM, person, {"visibility": "private"})
                self.assertEqual((refused.status, refused.json()["errorCode"]), (403, "not-an-owner"))
                empty = await request(two, "PUT", ROOM, person, {})
                self.assertEqual((empty.status, empty.json()["role"], empty.json()["headSeq"]), (200, None, 2))
            outside = await Watcher(two.port, "room", user=EVE.token).open()
            inside = await Watcher(two.port, "room", user=BOB.token).open()
            closed = await request(one, "PUT", ROOM, MOD, {"visibility": "private"})
            self.assertEqual((closed.status, closed.json()["role"]), (200, "owner"))
            frames = await inside.collect(6)
            self.assertEqual([(frame["type"], frame["payload"].get("userId")) for frame in frames],
                             [("member-joined", "mod"), ("member-joined", "ann"), ("member-joined", "bob"),
                              ("conversation-updated", None)])
            self.assertEqual((await request(two, "GET", ROOM, EVE)).status, 403)
            self.assertEqual((await http.post(two.port, "still here", "room", user=ANN.token)).status, 201)
            self.assertEqual((await inside.next(5))["payload"]["commentContent"], "still here")
            outside.vanish()


class RedactingEdits(unittest.IsolatedAsyncioTestCase):
    async def check(self, cluster):
        one, two = cluster.nodes
        endpoints = [endpoint(node.port, BOB, "room", {"room": 0}, True, after=0)
                 for node in cluster.nodes for endpoint in (SseWatch, GraphqlWatch)]
        for endpoint in endpoints:
            self.assertTrue(await endpoint.open())
        sockets = [await Watcher(node.port, "room", user=BOB.token).open() for node in cluster.nodes]
        comment = await say(one, ANN)
        other = await say(two, BOB, "stays")
        await request(two, "PATCH", comment, ANN, {"content": SECRET + " edited"})
        wrong = await request(one, "PATCH", comment, ANN, {"content": "***", "redact": "yes"})
        self.assertEqual((wrong.status, wrong.json()["errorCode"]), (422, "redact-wrong-type"))
        stale = await request(one, "PATCH", comment, ANN, {"content": "***", "redact": True}, **{"If-Match": '"1"'})
        self.assertEqual(stale.status, 412)
        self.assertIn(SECRET, json.dumps(await log_of(two, BOB)), "nothing has gone so far")
        edited = await request(one, "PATCH", comment, ANN, {"content": "***", "redact": True}, **{"If-Match": '"2"'})
        self.assertEqual((edited.status, edited.json()["version"], edited.json()["content"]), (200, 3, "***"))
        done = time.monotonic()
        for socket in sockets:
            frames = await socket.collect(4)
            self.assertEqual([frame["payload"].get("redacts", False) for frame in frames], [False, False, False, True])
        for endpoint in endpoints:
            await until(lambda endpoint=endpoint: len(endpoint.seen) == 4, 5, f"{endpoint} has all")
            await endpoint.close()
        await asyncio.sleep(max(0, done + 1 - time.monotonic()))  # the promise's own second
        texts = [None, "stays", None, "***"]
        for node in cluster.nodes:
            page = await request(node, "GET", f"{ROOM}/updates?after=0", BOB, Accept="application/json")
            history = await request(node, "GET", f"{ROOM}/comments", BOB)
            for body in (page.body, history.body):
                self.assertNotIn(SECRET.encode(), body)
            updates = page.json()["updates"]
            self.assertEqual([update["payload"]["commentContent"] for update in updates], texts)
            self.assertEqual([update["payload"].get("redacted", False) for update in updates],
                             [True, False, True, False])
            self.assertEqual([each["content"] for each in history.json()["comments"]], ["***", "stays"])
            socket = await Watcher(node.port, "room", user=BOB.token, after=0).open()
            self.assertEqual([frame["payload"]["commentContent"] for frame in await socket.collect(4)], texts)
            for endpoint in (SseWatch, GraphqlWatch):
                replay = endpoint(node.port, BOB, "room", {"room": 0}, True, after=0)
                self.assertTrue(await replay.open())
                await until(lambda replay=replay: len(replay.said) == 4, 5, f"{replay} has all")
                self.assertEqual([text for _, _, text, _ in replay.said], texts)
                await replay.close()
            chat = await Chat(node.grpc, BOB.token, "room", after="0").open()
            told = [await chat.next_update() for _ in range(4)]
            self.assertEqual([each.message for each in told], [text or "" for text in texts])
            self.assertEqual([each.redacts for each in told], [0, 0, 0, 1])
            await chat.close()
        self.assertEqual((await request(two, "DELETE", other, BOB)).status, 204)

    async def test_take_the_earlier_texts_from_every_endpoint_of_every_node(self):
        async with cluster_of() as cluster:
            await self.check(cluster)

    async def test_do_so_when_nodes_have_nothing_but_the_log(self):
        async with cluster_of(bus="none") as cluster:
            await self.check(cluster)

    async def test_do_so_over_redis(self):
        async with redis_server() as redis:
            async with cluster_of(bus="redis", **{"redis.url": redis.url}) as cluster:
                await redis.all_listen(2)
                await self.check(cluster)

    async def test_by_graphql(self):
        async with cluster_of(size=1) as cluster:
            node, = cluster.nodes
            ident = (await say(node, ANN)).rsplit("/", 1)[1]
            edit = ("mutation($id: ID!, $redact: Boolean) {"
                    " editComment(id: $id, content: \"***\", redact: $redact) { version } }")
            for version, redact in ((2, None), (3, False)):
                answer = await graphql(node, ANN, edit, id=ident, redact=redact)
                self.assertEqual(answer["data"]["editComment"]["version"], version)
                self.assertEqual((await log_of(node, ANN))[0]["payload"]["commentContent"], SECRET)
            self.assertEqual((await graphql(node, ANN, edit, id=ident, redact=True))["data"]["editComment"]["version"], 4)
            updates = [update["payload"] for update in await log_of(node, ANN)]
            self.assertEqual([update["commentContent"] for update in updates], [None, None, None, "***"])


class Histories(unittest.IsolatedAsyncioTestCase):
    async def change(self, node, takes, done):
        """Takes texts out of the load's conversations while it runs: redacting edits and removals in turn."""
        count = 0
        while not done.is_set():
            listed = await http.request(node.port, "GET", "/v1/conversations", None, http.bearer("bench-0"))
            for conversation in listed.json()["conversations"]:
                room = conversation["conversationKey"]
                page = await http.request(node.port, "GET", f"/v1/conversations/{room}/comments?limit=20", None,
                                          http.bearer("bench-0"))
                for comment in page.json()["comments"][::5]:
                    if comment["content"].startswith("taken"):
                        continue
                    count += 1
                    start = time.monotonic_ns() // 1000
                    method, body = ("PATCH", {"content": f"taken {count}", "redact": True}) if count % 2 else ("DELETE", None)
                    answer = await http.request(node.port, method, "/v1/comments/" + comment["id"], body,
                                                http.bearer(comment["authorId"]))
                    self.assertIn(answer.status, (200, 204), answer.body)
                    takes.append({"op": "take", "conversation": room, "id": comment["id"], "start": start,
                                  "end": time.monotonic_ns() // 1000})
        return count

    async def numbered(self, node, takes):
        """With the numbers that the log gave them."""
        numbers = {}
        for room in {take["conversation"] for take in takes}:
            for update in await http.read_log(node.port, room, "bench-0"):
                if update["type"] != "comment-added":
                    numbers[update["payload"]["commentId"]] = update["payload"]["seq"]
        return [{**take, "seq": numbers[take["id"]]} for take in takes]

    async def test_stay_clean_while_texts_are_taken_from_under_a_load(self):
        with tempfile.TemporaryDirectory() as folder:
            history, more = os.path.join(folder, "run.jsonl"), os.path.join(folder, "takes.jsonl")
            async with running(size=2) as cluster:
                takes, done = [], asyncio.Event()
                changing = asyncio.create_task(self.change(cluster.nodes[1], takes, done))
                status, result = await asyncio.to_thread(
                    bench, cluster.nodes, "--watchers", "20", "--conversations", "2", "--posters", "4", "--rate", "200",
                    "--seconds", "4", "--history", history, "--others-change")
                done.set()
                self.assertGreater(await changing, 20)
                self.assertEqual(status, 0, result)
                takes = await self.numbered(cluster.nodes[0], takes)
            with open(more, "w", encoding="utf-8") as file:
                file.writelines(json.dumps(take) + "\n" for take in takes)
            checked = subprocess.run([str(CHECK), history, more], capture_output=True, check=False)
            self.assertEqual(checked.returncode, 0, (checked.stdout, checked.stderr[-2000:]))
            alone = subprocess.run([str(CHECK), history], capture_output=True, check=False)
            self.assertEqual(alone.returncode, 1, "texts that nobody took have vanished")


if __name__ == "__main__":
    unittest.main()
