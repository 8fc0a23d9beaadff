"""Three nodes over PostgreSQL: everybody sees everything, whoever else works in the database, whatever a standby does."""

import asyncio
import os
import pathlib
import time
import unittest

from harness import http
from harness.bench import bench
from harness.command import danwad
from harness.endpoints import Stale, join, send
from harness.over_postgres import over_postgres
from harness.postgres import postgres_servers
from harness.waiting import ended, until
from harness.websocket import Watcher

LONG = os.environ.get("DANWA_TEST_LONG", "0") == "1"
POSTS = 20_000 if LONG else 4_000
FOREIGN_SECONDS = 60 if LONG else 8
PAUSED_SECONDS = 10 if LONG else 4


async def watch_all(nodes, conversation):
    return [await Watcher(node.port, conversation).open() for node in nodes]


class OverPostgres(unittest.IsolatedAsyncioTestCase):
    async def test_a_comment_reaches_watchers_on_every_node_and_survives_their_restart(self):
        async with over_postgres() as (cluster, _):
            watchers = await watch_all(cluster.nodes, "room")
            for i, node in enumerate(cluster.nodes, 1):
                answer = await http.post(node.port, f"hello {i}, 談話", "room")
                self.assertEqual((answer.status, answer.json()["seq"]), (201, i))
            for watcher in watchers:
                frames = await watcher.collect(3, 5)
                self.assertEqual([frame["payload"]["commentContent"] for frame in frames],
                                 [f"hello {i}, 談話" for i in (1, 2, 3)])
            for node in cluster.nodes:
                self.assertEqual(await node.terminate(), 0)
            await cluster.nodes[0].start()
            self.assertEqual(len(await http.read_log(cluster.nodes[0].port, "room")), 3)

    async def test_every_kind_of_change_is_seen_in_order(self):
        async with over_postgres() as (cluster, _):
            first, second, third = (node.port for node in cluster.nodes)
            watchers = await watch_all(cluster.nodes, "room")
            comment = (await http.post(first, "one", "room")).json()
            path = "/v1/comments/" + comment["id"]
            edited = await http.request(second, "PATCH", path, {"content": "two"}, http.bearer("user-1"))
            self.assertEqual((edited.status, edited.json()["version"]), (200, 2))
            joined = await http.request(first, "PUT", "/v1/conversations/room/members/ann", headers=http.bearer("ann"))
            self.assertEqual(joined.status, 201)
            removed = await http.request(third, "DELETE", path, headers=http.bearer("user-1"))
            self.assertEqual(removed.status, 204)
            kinds = ["comment-added", "comment-updated", "member-joined", "comment-deleted"]
            for watcher in watchers:
                self.assertEqual([frame["type"] for frame in await watcher.collect(4)], kinds)

    async def test_ten_writers_a_conversation_leave_no_hole_and_watchers_see_all_in_order(self):
        async with over_postgres() as (cluster, _):
            status, result = await asyncio.to_thread(
                bench, cluster.nodes, "--conversations", "2", "--posters", "20", "--watchers", "30", "--posts",
                str(POSTS), "--prefix", "writers", timeout=900)
            print(result["posts"], result["violations"])
            self.assertEqual(status, 0, result)
            lengths = []
            for i in range(2):
                log = await http.read_log(cluster.nodes[i].port, f"writers-{i}")
                self.assertEqual([update["payload"]["seq"] for update in log], list(range(1, len(log) + 1)))
                self.assertEqual(len({update["payload"]["commentId"] for update in log}), len(log))
                lengths.append(len(log))
            self.assertEqual(sum(lengths), POSTS)


class Arrivals:
    """When which update came to a watcher."""

    def __init__(self, node, conversation):
        self.node = node
        self.conversation = conversation
        self.times = []

    async def run(self):
        watcher = await Watcher(self.node.port, self.conversation, after=0).open()
        while True:
            frame = await watcher.next(3600)
            self.times.append(time.monotonic())
            assert frame["payload"]["seq"] == len(self.times), frame


class ForeignTransaction(unittest.IsolatedAsyncioTestCase):
    mostly_waits = True

    async def test_one_held_open_delays_nothing_even_without_a_bus(self):
        async with over_postgres(bus="none") as (cluster, postgres):
            arrivals = [Arrivals(node, "room") for node in cluster.nodes]
            tasks = [asyncio.create_task(each.run()) for each in arrivals]
            answered = []
            async with postgres.primary.foreign_transaction():
                end = time.monotonic() + FOREIGN_SECONDS
                while time.monotonic() < end:
                    answer = await http.post(cluster.nodes[len(answered) % 3].port, f"text {len(answered)}", "room")
                    self.assertEqual(answer.status, 201)
                    answered.append(time.monotonic())
                    await asyncio.sleep(0.02)
                await until(lambda: all(len(each.times) == len(answered) for each in arrivals), 5, "all have all")
            await ended(*tasks)
            late = [came - sent for each in arrivals for came, sent in zip(each.times, answered)]
            print(f"{len(answered)} comments, the latest {max(late) * 1000:.0f} ms after its answer")
            self.assertLess(max(late), 1)


class Checkers:
    """Writes and at once reads with the position of the answer, on every node and by every endpoint, until the end."""

    def __init__(self, nodes, count):
        self.nodes = nodes
        self.stale = Stale()
        self.rounds = 0
        self.stopping = False
        self.tasks = [asyncio.create_task(self.run(f"writer-{i}")) for i in range(count)]

    async def run(self, user):
        round = 0
        while not self.stopping:
            reader = await send(self.nodes, user, "room", f"{user} {round}")
            joined = await join(self.nodes, user, f"{user}-{round}")
            reads = [(reader, endpoint) for endpoint in reader.endpoints()] + [(joined, joined.members)]
            await asyncio.gather(*(self.stale.check(*read, node) for read in reads for node in self.nodes))
            round += 1
            self.rounds += 1

    async def more(self, count, seconds=60):
        """Waits until that many rounds more are over."""
        wanted = self.rounds + count

        def over():
            for task in self.tasks:
                if task.done():
                    task.result()
            return self.rounds >= wanted

        await until(over, seconds, f"{count} rounds")

    async def end(self):
        self.stopping = True
        await asyncio.gather(*self.tasks)


class StandingStandby(unittest.IsolatedAsyncioTestCase):
    mostly_waits = True

    async def serves(self, standby):
        """Conversations are looked up in it."""
        sql = "SELECT seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = 'channels'"
        before = int(await standby.ask(sql))

        async def more():
            return int(await standby.ask(sql)) > before

        await until(more, 30, "the standby serves reads")

    async def read_by(self, nodes, count):
        """Waits until that many standbys serve every node."""
        async def all_say():
            return all([(await node.metrics())["danwa_replicas_serving"] == count for node in nodes])

        await until(all_say, 30, f"{count} standbys serve")

    async def test_no_read_that_carries_a_position_is_stale_while_the_standby_stands_still(self):
        async with over_postgres(standby=True) as (cluster, postgres):
            checkers = Checkers(cluster.nodes, 3)
            await checkers.more(6)
            await self.read_by(cluster.nodes, 1)
            await self.serves(postgres.standby)
            await postgres.standby.pause_replay()
            paused = checkers.rounds
            end = time.monotonic() + PAUSED_SECONDS
            while time.monotonic() < end:
                await checkers.more(1)
            self.assertNotEqual(await postgres.primary.ask("SELECT count(*) FROM comments"),
                                await postgres.standby.ask("SELECT count(*) FROM comments"))
            print(f"{checkers.rounds - paused} rounds on a standby that stands still")
            await self.read_by(cluster.nodes, 0)
            await postgres.standby.resume_replay()
            await self.read_by(cluster.nodes, 1)
            await self.serves(postgres.standby)
            await checkers.end()
            self.assertEqual(checkers.stale, [])


class Retention(unittest.IsolatedAsyncioTestCase):
    async def test_who_comes_for_what_is_gone_is_told_reset(self):
        async with over_postgres(size=1, bus="none") as (cluster, postgres):
            node = cluster.nodes[0]
            for i in range(1, 4):
                self.assertEqual((await http.post(node.port, f"text {i}", "room")).status, 201)
            self.assertEqual(await node.terminate(), 0)
            await postgres.primary.ask("CREATE TABLE updates_2020_01 PARTITION OF updates FOR VALUES "
                                       "FROM (1577836800000) TO (1580515200000)")
            await postgres.primary.ask("UPDATE updates SET occurred_ms = 1577836800000 WHERE seq < 3")
            node.settings["log.retention"] = "30d"
            await node.start()

            async def page(after):
                path = f"/v1/conversations/room/updates?after={after}"
                return (await http.request(node.port, "GET", path, headers=http.bearer("ann"))).json()

            async def gone():
                return await postgres.primary.ask("SELECT count(*) FROM updates") == "1"

            await until(gone, 10, "the old month is gone")
            for after in (0, 1):
                told = await page(after)
                self.assertEqual((told.get("reset"), told["updates"], told["headSeq"]), (True, [], 3))
                watcher = await Watcher(node.port, "room", after=after).open()
                self.assertEqual((await watcher.next(5))["type"], "reset")
                await watcher.close()
            told = await page(2)
            self.assertEqual([update["payload"]["seq"] for update in told["updates"]], [3])
            watcher = await Watcher(node.port, "room", after=2).open()
            self.assertEqual((await watcher.next(5))["payload"]["seq"], 3)
            self.assertEqual((await http.post(node.port, "text 4", "room")).json()["seq"], 4)
            self.assertEqual((await watcher.next(5))["payload"]["seq"], 4)


class Operator(unittest.IsolatedAsyncioTestCase):
    async def test_migrate_says_what_it_did_and_never_the_password(self):
        async with postgres_servers() as postgres:
            url = postgres.url.replace("danwa@", "danwa:hunter2@")
            said = []
            for status, part in ((0, "made, with schema"), (0, "nothing was to do")):
                said.append(danwad(url, "migrate"))
                self.assertEqual((said[-1][0], part in said[-1][1]), (status, True), said)
            postgres.primary.stop()
            said.append(danwad(url, "migrate"))
            self.assertEqual((said[-1][0], len(said[-1][1].strip().splitlines())), (1, 1), said)
            self.assertNotIn("hunter2", str(said))

    async def test_a_password_is_in_no_log(self):
        async with over_postgres(size=1, bus="none") as (cluster, postgres):
            node = cluster.nodes[0]
            await postgres.primary.ask("ALTER ROLE danwa PASSWORD 'hunter2'")
            self.assertEqual(await node.terminate(), 0)
            node.settings["database.master"] = node.settings["database.master"].replace("danwa@", "danwa:hunter2@")
            await node.start()
            postgres.primary.stop()
            answer = await http.post(node.port, "nobody takes it", "room")
            self.assertEqual(answer.status, 503)
            log = pathlib.Path(node.log_path).read_bytes()
            self.assertNotIn(b"hunter2", log)
            self.assertIn(b"danwa:********@", log)


if __name__ == "__main__":
    unittest.main()
