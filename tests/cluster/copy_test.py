"""danwad copy: from a SQLite file into PostgreSQL, and the nodes go on there as if nothing had been."""

import contextlib
import os
import sqlite3
import unittest

from harness import http
from harness.cluster import running
from harness.command import danwad
from harness.endpoints import HEADER
from harness.postgres import postgres_servers
from harness.websocket import Watcher

ODD = "tab\t, line\nend\r, back\\slash, \\N, 談話 and a quote '"


TABLES = ("channels", "comments", "members", "notification_requests", "updates")


def counts(url):
    with contextlib.closing(sqlite3.connect(f"file:{url.removeprefix('sqlite:')}?mode=ro", uri=True)) as database:
        found = {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
    assert all(found.values()), found
    return found


class Written:
    """A conversation of every kind of change, as it reads on a node."""

    async def write(self, port):
        async def say(status, method, path, user, body=None, **headers):
            answer = await http.request(port, method, path, body, {**http.bearer(user), **headers})
            assert answer.status == status, (path, answer.status, answer.body)

        first = (await http.post(port, "one", "room", "ann")).json()
        await http.post(port, ODD, "room", "bob")
        gone = (await http.post(port, "removed later", "room", "ann", {"Idempotency-Key": "gone"})).json()
        await say(200, "PATCH", f"/v1/comments/{first['id']}", "ann", {"content": "one, edited"})
        await say(204, "DELETE", f"/v1/comments/{gone['id']}", "ann")
        await say(201, "PUT", "/v1/conversations/night", "ann", {"title": "Night\\shift", "visibility": "private"})
        await say(201, "PUT", "/v1/conversations/night/members/bob", "ann")
        await say(201, "POST", "/v1/notifications", "bob", {"to": {"user": "ann"}, "text": ODD},
                  **{"Idempotency-Key": "note"})
        sent = await http.post(port, "the last one", "room", "ann", {"Idempotency-Key": "last"})
        self.position = sent.headers[HEADER.lower()]
        self.last = sent.json()

    async def read(self, port):
        """Everything that clients can see of it, without what is of the moment."""
        shown = {"log": await http.read_log(port, "room"), "private log": await http.read_log(port, "night", "ann")}
        for path in ("/v1/conversations/room/comments", "/v1/conversations", "/v1/conversations/night",
                     "/v1/conversations/night/members", "/v1/notifications/updates?after=0"):
            headers = {**http.bearer("ann"), "Accept": "application/json"}
            answer = await http.request(port, "GET", path, headers=headers)
            assert answer.status == 200, (path, answer.status, answer.body)
            shown[path] = answer.json()
        return shown


class Copy(unittest.IsolatedAsyncioTestCase):
    async def test_keeps_all_that_clients_know_and_is_done_whole_or_not_at_all(self):
        async with postgres_servers() as postgres, running(size=1, bus="none") as cluster:
            node, written = cluster.nodes[0], Written()
            source, target = node.settings["database.master"], postgres.url
            await written.write(node.port)
            before = await written.read(node.port)
            self.assertEqual(await node.terminate(), 0)
            status, text = danwad(target, "copy", "--from", source)
            self.assertEqual(status, 0, text)
            self.assertIn(", ".join(f"{table} {count}" for table, count in counts(source).items()), text)
            status, text = danwad(source, "copy", "--from", source, "--to", target)
            self.assertEqual((status, "not empty" in text), (1, True), text)
            node.settings.update(postgres.settings)
            await node.start()
            self.assertEqual(await written.read(node.port), before)
            await self.goes_on(node, written)

    async def goes_on(self, node, written):
        epoch = written.position.split(".")[0]
        again = await http.post(node.port, "the last one", "room", "ann", {"Idempotency-Key": "last"})
        self.assertEqual((again.headers.get("idempotency-replayed"), again.json()["id"]), ("true", written.last["id"]))
        watcher = await Watcher(node.port, "room", after=f"{epoch}:{written.last['seq'] - 1}").open()
        self.assertEqual((await watcher.next())["payload"]["commentId"], written.last["id"])
        answer = await http.request(node.port, "GET", "/v1/conversations/room/comments",
                                    headers={**http.bearer("ann"), HEADER: written.position})
        self.assertEqual(answer.json()["headSeq"], written.last["seq"])
        sent = await http.post(node.port, "and on", "room", "ann")
        self.assertEqual(sent.json()["seq"], written.last["seq"] + 1)
        self.assertEqual((await watcher.next())["payload"]["commentContent"], "and on")
        new = await http.post(node.port, "somewhere else", "another room", "ann")
        self.assertEqual(new.json()["seq"], 1)
        await watcher.close()

    async def test_of_a_log_with_a_hole_is_refused_and_leaves_nothing(self):
        async with postgres_servers() as postgres, running(size=1, bus="none") as cluster:
            node = cluster.nodes[0]
            source = node.settings["database.master"]
            await Written().write(node.port)
            self.assertEqual(await node.terminate(), 0)
            with contextlib.closing(sqlite3.connect(source.removeprefix("sqlite:"))) as database:
                database.execute("DELETE FROM updates WHERE seq = 2 AND type = 0")
                database.commit()  # and closed: while it is open, nobody copies
            status, text = danwad(postgres.url, "copy", "--from", source)
            self.assertEqual((status, "1 logs have holes, and nothing was copied" in text), (1, True), text)
            for table in TABLES:
                self.assertEqual(await postgres.primary.ask(f"SELECT count(*) FROM {table}"), "0")

    async def test_wants_a_file_that_is_one_and_an_address_that_answers(self):
        async with postgres_servers() as postgres:
            nowhere = os.path.join(postgres.primary.directory, "none.db")
            for source, target in ((f"sqlite:{nowhere}", postgres.url), ("sqlite:/etc/passwd", postgres.url),
                                   (postgres.url, postgres.url)):
                status, text = danwad(target, "copy", "--from", source)
                self.assertEqual(status, 1, text)
                self.assertEqual(len(text.strip().splitlines()), 1, text)


if __name__ == "__main__":
    unittest.main()
