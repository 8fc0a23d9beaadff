"""One log per cluster: nodes of different databases do not join, whatever the databases have in common."""

import asyncio
import contextlib
import os
import shutil
import sqlite3
import tempfile
import unittest

from harness import http
from harness.cluster import running
from harness.command import danwad
from harness.node import Node
from harness.postgres import postgres_servers
from harness.redis import redis_server
from harness.waiting import until
from harness.websocket import Watcher

SECRET = "a secret of the tests"


def node_settings(database, bus="caf", seeds="", **more):
    settings = {"http.listen": "127.0.0.1:0", "database.master": database, "auth.mode": "development", "bus": bus,
                "log.format": "json", **more}
    if bus == "caf":
        settings.update({"cluster.listen": "127.0.0.1:0", "cluster.secret": SECRET, "cluster.seeds": seeds})
    return settings


@contextlib.asynccontextmanager
async def two_nodes(first, second, bus="caf", between=None, **more):
    """Nodes on the two databases, the second of which dials the first; each in a folder of its own."""
    directory = tempfile.mkdtemp(prefix="danwa-test-")
    nodes = []
    try:
        for i, database in enumerate((first, second), 1):
            folder = os.path.join(directory, f"folder-{i}")
            os.makedirs(folder, exist_ok=True)
            if i == 2 and between:
                await between(directory)
            seeds = nodes[0].cluster if nodes and bus == "caf" else ""
            node = Node(f"node-{i}", node_settings(database, bus, seeds, **more), f"{directory}/node-{i}.log")
            node.folder = folder
            nodes.append(node)
            await node.start()
        yield nodes
    finally:
        for node in nodes:
            if node.alive:
                node.kill()
        shutil.rmtree(directory, ignore_errors=True)


async def copy_to_the_second(directory):
    paths = [os.path.join(directory, f"folder-{i}", "danwa.db") for i in (1, 2)]
    status, text = await asyncio.to_thread(danwad, f"sqlite:{paths[0]}", "backup", paths[1])
    assert status == 0, text


async def figure(node, name):
    return (await node.metrics())[name]


class Apart(unittest.IsolatedAsyncioTestCase):
    async def are_apart(self, nodes):
        """Each serves its own log alone, and both say why they do not join."""
        for node in nodes:
            await until(lambda node=node: node.logged("another-database"), 10, f"{node.name} tells why")
            self.assertEqual(await figure(node, "danwa_cluster_peers"), 0)
        await self.each_sees_its_own(nodes)

    async def each_sees_its_own(self, nodes):
        watchers = [await Watcher(node.port, "room", user=node.name).open() for node in nodes]
        for node in nodes:
            for n in range(3):
                answer = await http.post(node.port, f"{node.name} {n}", "room", "ann")
                self.assertEqual(answer.status, 201)
        for node, watcher in zip(nodes, watchers):
            frames = await watcher.collect(3, 5)
            self.assertEqual([frame["payload"]["commentContent"] for frame in frames],
                             [f"{node.name} {n}" for n in range(3)])
            texts = [update["payload"]["commentContent"] for update in await http.read_log(node.port, "room")]
            self.assertEqual([text for text in texts if not text.startswith("before")],
                             [f"{node.name} {n}" for n in range(3)])
        return watchers

    async def test_one_relative_path_in_two_folders(self):
        async with two_nodes("sqlite:danwa.db", "sqlite:danwa.db") as nodes:
            await self.are_apart(nodes)

    async def test_a_copy_of_the_file_which_keeps_the_epoch(self):
        async with two_nodes("sqlite:danwa.db", "sqlite:danwa.db", between=copy_to_the_second) as nodes:
            await self.are_apart(nodes)

    async def test_a_copy_of_the_file_over_redis(self):
        async with redis_server() as redis:
            more = {"redis.url": redis.url}
            async with two_nodes("sqlite:danwa.db", "sqlite:danwa.db", "redis", copy_to_the_second, **more) as nodes:
                await redis.all_listen(2)
                watchers = await self.each_sees_its_own(nodes)
                for node in nodes:
                    self.assertGreater(await figure(node, "danwa_bus_foreign_total"), 0)
                    self.assertEqual(len(node.logged("bus.another-database")), 1)
                    answer = await http.request(node.port, "GET", "/v1/conversations/room/presence",
                                                headers=http.bearer("ann"))
                    self.assertEqual(answer.json()["users"], [node.name])
                for watcher in watchers:
                    watcher.vanish()

    async def test_two_databases_of_one_postgresql_server(self):
        async with postgres_servers() as postgres:
            status, text = await asyncio.to_thread(danwad, postgres.url, "migrate")
            self.assertEqual(status, 0, text)
            await postgres.primary.ask("CREATE DATABASE twin TEMPLATE danwa", "postgres")  # with the same epoch
            twin = postgres.url.rsplit("/", 1)[0] + "/twin"
            async with two_nodes(postgres.url, twin) as nodes:
                await self.are_apart(nodes)


class Together(unittest.IsolatedAsyncioTestCase):
    async def test_links_stay_when_the_database_is_restored_under_them_and_nothing_of_the_old_log_is_seen(self):
        async with running(size=2) as cluster:
            first, second = cluster.nodes
            path = first.settings["database.master"].removeprefix("sqlite:")
            copy = os.path.join(cluster.directory, "copy.db")
            await http.post(first.port, "kept", "room")
            self.assertEqual((await asyncio.to_thread(danwad, f"sqlite:{path}", "backup", copy))[0], 0)
            await http.post(first.port, "lost", "room")
            epoch = (await http.post(second.port, "lost", "room")).headers["danwa-position"].split(".")[0]
            moved = os.path.join(cluster.directory, "moved")
            os.mkdir(moved)
            for name in ("danwa.db", "danwa.db-wal", "danwa.db-shm"):
                os.rename(os.path.join(cluster.directory, name), os.path.join(moved, name))
            status, text = await asyncio.to_thread(danwad, f"sqlite:{path}", "restore", copy)
            self.assertEqual(status, 0, text)
            watchers = [await Watcher(node.port, "room", after=0).open() for node in cluster.nodes]

            async def renewed():
                answers = [await http.post(node.port, "new", "room") for node in cluster.nodes]
                return all(answer.status == 201 and answer.headers["danwa-position"].split(".")[0] != epoch
                           for answer in answers)

            await until(renewed, 10, "both nodes write the restored log")
            for node in cluster.nodes:
                self.assertEqual(await figure(node, "danwa_cluster_peers"), 1)
                self.assertEqual(node.logged("cluster.peer-down"), [])
            last = (await http.post(first.port, "the last", "room")).json()["seq"]
            logs = [await http.read_log(node.port, "room") for node in cluster.nodes]
            self.assertEqual(logs[0], logs[1])
            self.assertEqual([update["payload"]["seq"] for update in logs[0]], list(range(1, last + 1)))
            self.assertNotIn("lost", [update["payload"]["commentContent"] for update in logs[0]])
            for watcher in watchers:
                watcher.vanish()

    async def test_symbolic_links_lead_to_one_database(self):
        async with running(size=1) as cluster:
            first = cluster.nodes[0]
            other = os.path.join(cluster.directory, "other")
            os.symlink(cluster.directory, other)
            os.symlink("danwa.db", os.path.join(cluster.directory, "alias.db"))
            second = cluster.make_node(1)
            second.settings["database.master"] = f"sqlite:{other}/alias.db"
            second.settings["database.replica"] = ""
            cluster.nodes.append(second)
            await second.start()
            await cluster.meshed()
            watcher = await Watcher(first.port, "room").open()
            for n in range(20):
                self.assertEqual((await http.post((first, second)[n % 2].port, f"{n}", "room")).status, 201)
            await watcher.collect(20, 5)
            self.assertEqual(sorted(name for name in os.listdir(cluster.directory) if name.startswith("alias")),
                             ["alias.db"])


class Generation(unittest.IsolatedAsyncioTestCase):
    async def test_a_node_writes_nothing_once_a_newer_one_has_migrated(self):
        async with running(size=1, bus="none") as cluster:
            node = cluster.nodes[0]
            path = node.settings["database.master"].removeprefix("sqlite:")
            self.assertEqual((await http.post(node.port, "before", "room")).status, 201)
            with sqlite3.connect(path) as database:
                schema = database.execute("PRAGMA user_version").fetchone()[0]
                database.execute(f"PRAGMA user_version = {schema + 1}")
            refused = [await http.post(node.port, "after", "room") for _ in range(3)]
            self.assertEqual([(answer.status, answer.json()["errorCode"]) for answer in refused],
                             [(503, "schema-newer")] * 3)
            self.assertEqual((await http.request(node.port, "GET", "/readyz")).status, 503)
            self.assertEqual(len(await http.read_log(node.port, "room")), 1)
            self.assertLessEqual(len(node.logged("database.schema-newer")), 2)  # the writer's and the tail's

    async def test_a_node_that_has_nothing_to_write_is_not_ready_either(self):
        async with running(size=1, bus="none") as cluster:
            node = cluster.nodes[0]
            with sqlite3.connect(node.settings["database.master"].removeprefix("sqlite:")) as database:
                database.execute("PRAGMA user_version = 1000")

            async def unready():
                return (await http.request(node.port, "GET", "/readyz")).status == 503

            await until(unready, 5, "not ready")


if __name__ == "__main__":
    unittest.main()
