"""History that a standby serves costs the primary nothing. Both servers count their statements (pg_stat_statements)."""

import asyncio
import re
import unittest

from harness import http
from harness.over_postgres import over_postgres
from harness.waiting import until
from harness.websocket import Watcher

COUNTING = "shared_preload_libraries = 'pg_stat_statements'\n"
OF_DANWA = re.compile(r"\b(channels|comments|members|meta|notification_requests|updates\w*)\b")
ROOMS = [f"room-{i}" for i in range(10)]
POSTS = 60  # to each
PAGE = 25
IDLE_SECONDS = 2  # the tail of the log looks five times a second, the writer once


async def forget(server):
    await server.ask("SELECT pg_stat_statements_reset()")


async def statements(server):
    """How often the server ran each statement that names a table of danwa, since `forget`."""
    rows = await server.ask("SELECT calls, regexp_replace(query, '\\s+', ' ', 'g') FROM pg_stat_statements "
                            "WHERE query NOT LIKE '%pg_stat_statements%'")
    counts = (row.split("|", 1) for row in rows.splitlines())
    return {query: int(calls) for calls, query in counts if OF_DANWA.search(query)}


async def get(node, path):
    answer = await http.request(node.port, "GET", path, headers={**http.bearer("ann"), "Accept": "application/json"})
    assert answer.status == 200, (path, answer.status, answer.body)
    return answer.json()


async def history(node, room):
    """The numbers of all comments, from the newest page to the oldest."""
    seqs, before = [], ""
    while page := (await get(node, f"/v1/conversations/{room}/comments?limit={PAGE}{before}"))["comments"]:
        seqs = [comment["seq"] for comment in page] + seqs
        before = f"&before={seqs[0]}"
    return seqs


async def updates(node, room):
    """Those of all updates, oldest first."""
    seqs = []
    while page := (await get(node, http.updates_path(room, after=seqs[-1] if seqs else 0, limit=PAGE)))["updates"]:
        seqs += [update["payload"]["seq"] for update in page]
    return seqs


async def caught_up(node, room):
    """Those that come to a watcher who has nothing yet."""
    watcher = await Watcher(node.port, room, "ann", after=0).open()
    frames = await watcher.collect(POSTS)
    await watcher.close()
    return [frame["payload"]["seq"] for frame in frames]


class HistoryFromAStandby(unittest.IsolatedAsyncioTestCase):
    mostly_waits = True

    async def fill(self, node):
        connection = await http.Connection(node.port).open()
        for room in ROOMS:
            for i in range(POSTS):
                body = {"content": f"text {i}", "conversationKey": room}
                answer = await connection.request("POST", "/v1/comments", body, http.bearer("bob"))
                self.assertEqual(answer.status, 201, answer.body)
        connection.close()

    async def pages(self, node, postgres, way):
        """Reads all rooms in one `way`. What the primary was asked besides what it is asked when nobody reads; the
        number of pages that it gave, and that the standby gave."""
        for server in (postgres.primary, postgres.standby):
            await forget(server)
        for room in ROOMS:
            self.assertEqual(await way(node, room), list(range(1, POSTS + 1)))
        primary, standby = await statements(postgres.primary), await statements(postgres.standby)
        asked = {query: calls for query, calls in primary.items() if query not in self.background}
        return asked, *(sum(calls for query, calls in counts.items() if "FROM updates" in query)
                        for counts in (asked, standby))

    async def test_asks_the_primary_nothing(self):
        async with over_postgres(size=3, standby=True, configuration=COUNTING,
                                 per_node={1: {"database.replica": ""}}) as (cluster, postgres):
            node, without_standby, other = cluster.nodes
            await self.fill(other)  # what a node has taken itself is in its memory
            await postgres.primary.ask("CREATE EXTENSION pg_stat_statements")
            await postgres.caught_up()

            async def serves():
                return (await node.metrics())["danwa_replicas_serving"] == 1

            await until(serves, 30, "the standby serves")
            await forget(postgres.primary)
            await asyncio.sleep(IDLE_SECONDS)
            self.background = await statements(postgres.primary)
            self.assertGreater(len(self.background), 1, "the tail of the log is counted")

            await forget(postgres.primary)
            for room in ROOMS:
                await get(node, f"/v1/conversations/{room}/comments?limit=1")
            asked = await statements(postgres.primary)
            asked = {query: calls for query, calls in asked.items() if query not in self.background}
            print("conversations that the node does not know:", asked)
            self.assertEqual(set(asked.values()), {len(ROOMS)}, "who may enter, once each")
            self.assertFalse(any("FROM updates" in query for query in asked), asked)

            for way in (history, updates, caught_up):
                asked, _, pages = await self.pages(node, postgres, way)
                self.assertEqual(asked, {}, way.__name__)
                self.assertGreaterEqual(pages, len(ROOMS) * POSTS // PAGE)
                _, instead, others = await self.pages(without_standby, postgres, way)
                print(f"{way.__name__}: {pages} pages from the standby; without one {instead} from the primary")
                self.assertGreaterEqual(instead, pages, "they would be counted")
                self.assertEqual(others, 0)


if __name__ == "__main__":
    unittest.main()
