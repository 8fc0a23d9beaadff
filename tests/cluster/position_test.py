"""Positions over three nodes: whoever sends back what a write has told reads it on every node, by every endpoint."""

import asyncio
import json
import random
import time
import unittest
from urllib.parse import quote

from harness import http
from harness.cluster import running
from harness.endpoints import HEADER, Stale, send

ROOM = "/v1/conversations/room"
SECONDS = 5
WRITERS = 4


async def write_and_read(cluster, user, end, stale):
    """Writes on one node, reads on another, by an endpoint of its own choice, until `end`; how often."""
    rounds = 0
    while time.monotonic() < end:
        reader = await send(cluster.nodes, user, "room", f"{user} {rounds}")
        await stale.check(reader, random.choice(reader.endpoints()), random.choice(cluster.nodes))
        rounds += 1
    return rounds


class Positions(unittest.IsolatedAsyncioTestCase):
    async def test_no_read_that_carries_one_is_stale_on_any_node(self):
        async with running() as cluster:
            stale = Stale()
            end = time.monotonic() + SECONDS
            rounds = await asyncio.gather(
                *(write_and_read(cluster, f"writer-{i}", end, stale) for i in range(WRITERS)))
            self.assertEqual(stale, [])
            self.assertGreater(sum(rounds), 20)

    async def test_a_watch_that_carries_one_starts_where_it_is(self):
        async with running() as cluster:
            for round in range(5):
                reader = await send(cluster.nodes[round % 3:round % 3 + 1], "ann", "room", "hello")
                for watch in (reader.watch, reader.events):
                    self.assertEqual((await watch(cluster.nodes[(round + 1) % 3]))[0], reader.seq)

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
