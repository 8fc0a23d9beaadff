"""Positions over three nodes: whoever sends back what a write has told reads it on every node, by every door."""

import asyncio
import json
import random
import time
import unittest
from urllib.parse import quote

from harness import http
from harness.cluster import running
from harness.websocket import Watcher

ROOM = "/v1/conversations/room"
SECONDS = 5
WRITERS = 4
HEADER = "Danwa-Position"


def number(position):
    return int(position.rsplit(".", 1)[1])


async def graphql(node, query, headers):
    body = {"query": query}
    answer = await http.request(node.port, "POST", "/graphql", body, headers)
    return answer, answer.json()["data"]


class Reader:
    """Reads the room through one door after another; every answer must show `seq` and tell a position."""

    def __init__(self, headers, seq):
        self.headers = headers
        self.seq = seq

    async def get(self, node, path):
        answer = await http.request(node.port, "GET", path, headers=self.headers)
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer, answer.json()

    async def history(self, node):
        answer, page = await self.get(node, f"{ROOM}/comments?limit=1")
        return answer, page["headSeq"]

    async def updates(self, node):
        answer, page = await self.get(node, f"{ROOM}/updates?after={self.seq - 1}&limit=1")
        return answer, page["updates"][0]["payload"]["seq"] if page["updates"] else 0

    async def conversations(self, node):
        answer, page = await self.get(node, "/v1/conversations")
        return answer, page["conversations"][0]["headSeq"]

    async def conversation(self, node):
        answer, room = await self.get(node, ROOM)
        return answer, room["headSeq"]

    async def query(self, node):
        text = '{ comments(conversationKey: "room", limit: 1) { headSeq } }'
        answer, data = await graphql(node, text, self.headers)
        return answer, data["comments"]["headSeq"]

    def doors(self):
        return [self.history, self.updates, self.conversations, self.conversation, self.query]


async def write_and_read(cluster, user, end, stale):
    """Writes on one node, reads on another, by a door of its own choice, until `end`; how often."""
    rounds = 0
    headers = http.bearer(user)
    while time.monotonic() < end:
        sent = await http.post(random.choice(cluster.nodes).port, f"{user} {rounds}", "room", user)
        assert sent.status == 201, sent.body
        told, seq = sent.headers[HEADER.lower()], sent.json()["seq"]
        reader = Reader({**headers, HEADER: told}, seq)
        door = random.choice(reader.doors())
        answer, shown = await door(random.choice(cluster.nodes))
        if shown < seq:
            stale.append((door.__name__, seq, shown))
        if number(answer.headers[HEADER.lower()]) < number(told):
            stale.append((door.__name__, told, answer.headers[HEADER.lower()]))
        rounds += 1
    return rounds


class Positions(unittest.IsolatedAsyncioTestCase):
    async def test_no_read_that_carries_one_is_stale_on_any_node(self):
        async with running() as cluster:
            stale = []
            end = time.monotonic() + SECONDS
            rounds = await asyncio.gather(
                *(write_and_read(cluster, f"writer-{i}", end, stale) for i in range(WRITERS)))
            self.assertEqual(stale, [])
            self.assertGreater(sum(rounds), 20)

    async def test_a_watch_that_carries_one_starts_where_it_is(self):
        async with running() as cluster:
            for round in range(5):
                node = cluster.nodes[round % 3]
                sent = await http.post(node.port, "hello", "room", "ann")
                told, seq = sent.headers[HEADER.lower()], sent.json()["seq"]
                watcher = Watcher(cluster.nodes[(round + 1) % 3].port, "room", "ann", position=told)
                await watcher.open()
                self.assertEqual(watcher.watching["payload"]["cursor"], f"{told.rsplit('.', 1)[0]}:{seq}")
                await watcher.close()

    async def test_one_that_is_none_is_refused(self):
        async with running(size=1, bus="none") as cluster:
            port = cluster.nodes[0].port
            for path in [f"{ROOM}/comments", f"{ROOM}/updates", ROOM, f"{ROOM}/members", "/v1/conversations",
                         f"{ROOM}/presence", "/v1/notifications/updates", "/graphql?query=" + quote("{me{userId}}")]:
                answer = await http.request(port, "GET", path, headers={**http.bearer("ann"), HEADER: "nonsense"})
                self.assertEqual(answer.status, 400, path)
                self.assertIn("position-invalid", json.dumps(answer.json()), path)


if __name__ == "__main__":
    unittest.main()
