"""danwad migrate, backup and restore, as an operator uses them."""

import asyncio
import os
import sqlite3
import unittest

from harness import http
from harness.cluster import running
from harness.command import danwad
from harness.paths import DANWA, DANWAD
from harness.websocket import Watcher

ROOMS = [f"room-{i}" for i in range(5)]

BROKEN_LOGS = """
SELECT key, head, n, first, last FROM channels LEFT JOIN (
  SELECT channel_id, count(*) AS n, min(seq) AS first, max(seq) AS last FROM updates GROUP BY channel_id
) ON channel_id = id WHERE n IS NULL OR head <> n OR head <> last OR first <> 1
"""


def rows(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        return database.execute(sql).fetchall()


async def post_all_the_time(cluster, stop, acknowledged):
    """Posts on every node until `stop`; the ids of what was acknowledged, with its room and seq."""
    async def poster(i):
        connection = await http.Connection(cluster.nodes[i % 3].port).open()
        for n in range(10 ** 6):
            if stop.is_set():
                break
            body = {"content": f"{i} {n}", "conversationKey": ROOMS[n % len(ROOMS)]}
            answer = await connection.request("POST", "/v1/comments", body, http.bearer(f"user-{i}"))
            assert answer.status == 201, answer.body
            acknowledged.append(answer.json()["id"])
        connection.close()

    await asyncio.gather(*(poster(i) for i in range(6)))


class Backup(unittest.IsolatedAsyncioTestCase):
    async def test_a_copy_taken_under_load_is_whole_and_holds_what_was_acknowledged_before(self):
        async with running() as cluster:
            url = cluster.nodes[0].settings["database.master"]
            stop, acknowledged = asyncio.Event(), []
            load = asyncio.create_task(post_all_the_time(cluster, stop, acknowledged))
            for round in range(3):
                wanted = len(acknowledged) + 50
                while len(acknowledged) < wanted:
                    await asyncio.sleep(0.01)
                before = {bytes.fromhex(one.replace("-", "")) for one in acknowledged}
                target = os.path.join(cluster.directory, f"copy-{round}.db")
                status, text = await asyncio.to_thread(danwad, url, "backup", target)
                self.assertEqual(status, 0, text)
                self.assertEqual(rows(target, BROKEN_LOGS), [])
                self.assertEqual(rows(target, "PRAGMA integrity_check"), [("ok",)])
                there = {row[0] for row in rows(target, "SELECT id FROM comments")}
                self.assertEqual(before - there, set())
            stop.set()
            await load
            status, text = danwad(url, "backup", target)
            self.assertEqual((status, "it is not overwritten" in text), (1, True), text)

    async def test_after_a_restore_watchers_are_told_to_load_afresh(self):
        async with running(size=1, bus="none") as cluster:
            node = cluster.nodes[0]
            url = node.settings["database.master"]
            path = url.removeprefix("sqlite:")
            copy = os.path.join(cluster.directory, "copy.db")
            await http.post(node.port, "one", "room")
            self.assertEqual(danwad(url, "backup", copy)[0], 0)
            two = await http.post(node.port, "two", "room")
            position = two.headers["danwa-position"]
            epoch = position.split(".")[0]
            self.assertEqual(danwad(url, "restore", copy)[0], 1, "there is a database")
            self.assertEqual(await node.terminate(), 0)
            os.rename(path, path + ".old")
            for remains in ("-wal", "-shm"):
                if os.path.exists(path + remains):
                    os.rename(path + remains, path + ".old" + remains)
            status, text = danwad(url, "restore", copy)
            self.assertEqual(status, 0, text)
            await node.start()
            watcher = Watcher(node.port, "room", after=f"{epoch}:2")
            await watcher.open()
            frames = [watcher.watching["type"]]
            if frames[0] != "reset":
                frames.append((await watcher.next())["type"])
            self.assertIn("reset", frames)
            await watcher.close()
            answer = await http.request(node.port, "GET", "/v1/conversations/room/comments",
                                        headers={**http.bearer("ann"), "Danwa-Position": position})
            self.assertEqual(answer.json()["headSeq"], 1)
            self.assertNotEqual(answer.headers["danwa-position"].split(".")[0], epoch)
            self.assertEqual((await http.post(node.port, "three", "room")).json()["seq"], 2)

    async def test_migrate_says_what_it_did(self):
        async with running(size=1, bus="none") as cluster:
            made = f"sqlite:{os.path.join(cluster.directory, 'made.db')}"
            status, text = danwad(made, "migrate")
            self.assertEqual((status, "made, with schema" in text), (0, True), text)
            for program in (DANWAD, DANWA):  # the tool calls the server's program
                status, text = danwad(made, "migrate", program=program)
                self.assertEqual((status, "nothing was to do" in text), (0, True), text)

    async def test_postgres_is_left_to_its_own_tools(self):
        url = "postgres://danwa@127.0.0.1/danwa"
        status, text = danwad(url, "backup", "/nowhere/copy.db")
        self.assertEqual((status, "pg_basebackup" in text, "pg_dump" in text), (2, True, True), text)
        status, text = danwad(url, "restore", "/nowhere/copy.db")
        self.assertEqual((status, "pg_restore" in text), (2, True), text)


if __name__ == "__main__":
    unittest.main()
