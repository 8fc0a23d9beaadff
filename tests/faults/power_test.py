"""Power loss: ext4 on a loop device, shut down by ioctl without a flush."""

import asyncio
import contextlib
import fcntl
import os
import random
import shutil
import struct
import subprocess
import tempfile
import unittest

from harness import http
from harness.node import Node
from harness.postgres import DATABASE, Server
from harness.waiting import until

EXT4_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
WITHOUT_FLUSH = 2
LONG = os.environ.get("DANWA_TEST_LONG", "0") == "1"
ROUNDS = 20
CONTROL_ROUNDS = 20
POSTGRES_ROUNDS = 20 if LONG else 5


class Disk:
    """A small ext4 filesystem whose power can be cut."""

    def __init__(self, directory, size):
        self.image = os.path.join(directory, "disk.img")
        self.mount = os.path.join(directory, "mount")
        os.makedirs(self.mount, exist_ok=True)
        subprocess.run(["truncate", "-s", size, self.image], check=True)
        subprocess.run(["mkfs.ext4", "-q", "-F", self.image], check=True)

    def attach(self):
        # commit=300: nothing reaches the disk by the journal's own timer during a round
        subprocess.run(["mount", "-o", "loop,commit=300", self.image, self.mount], check=True)

    def cut(self):
        handle = os.open(self.mount, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, EXT4_IOC_SHUTDOWN, struct.pack("I", WITHOUT_FLUSH))
        finally:
            os.close(handle)

    async def detach(self):
        """Gone for good: while anything holds it, the next mount would be of the same dead filesystem."""
        def gone():
            return subprocess.run(["umount", self.mount], check=False, capture_output=True).returncode == 0

        await until(gone, 10, "the disk is let go of")


class SqliteFile:
    """On the disk at `mount`."""

    SIZE = "128M"

    def __init__(self, mount, synchronous="full"):
        self.url = f"sqlite:{mount}/danwa.db"
        self.synchronous = synchronous

    async def start(self):
        """The settings of a node on it."""
        return {"database.master": self.url, "database.replica": self.url, "database.synchronous": self.synchronous}

    def kill(self):
        pass


class PostgresServer:
    """The same, with its data there."""

    SIZE = "512M"

    def __init__(self, mount):
        self.mount = mount
        self.server = None

    async def start(self):
        new = self.server is None
        if new:
            self.server = Server(f"{self.mount}/postgres", durable=True)
            self.server.create()
            subprocess.run(["sync", "-f", self.mount], check=True)
        await self.server.start()
        if new:
            await self.server.ask(f"CREATE DATABASE {DATABASE}", "postgres")
        return {"database.master": self.server.url}

    def kill(self):
        self.server.stop()


async def post_for_a_while(port, acknowledged, number):
    """Posts until the node is gone; remembers what was answered with 201."""
    count = 0
    with contextlib.suppress(OSError, http.Closed, asyncio.TimeoutError, asyncio.IncompleteReadError):
        connection = await http.Connection(port).open()
        while True:
            count += 1
            text = f"{number}-{count}-{random.getrandbits(48)}"
            answer = await connection.request("POST", "/v1/comments", {"content": text, "conversationKey": "room"},
                                              http.bearer("u"), timeout=3)
            if answer.status == 201:
                acknowledged[text] = answer.json()["seq"]
            else:
                await asyncio.sleep(0.01)


class PowerCut(unittest.IsolatedAsyncioTestCase):
    mostly_waits = True  # for the disk

    def setUp(self):
        if os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
            if os.environ.get("CI") == "true":
                self.fail("needs root and e2fsprogs")
            self.skipTest("needs root and e2fsprogs")

    async def node_on(self, database):
        settings = {"http.listen": "127.0.0.1:0", "auth.mode": "development", "bus": "none", "log.format": "json"}
        node = Node("node-1", {**settings, **await database.start()}, os.path.join(self.directory, "node.log"))
        return await node.start()

    async def one_round(self, disk, database):
        """Lost comments among the acknowledged of one round."""
        disk.attach()
        node = None
        acknowledged = {}
        try:
            node = await self.node_on(database)
            posters = [asyncio.create_task(post_for_a_while(node.port, acknowledged, i)) for i in range(4)]
            await asyncio.sleep(random.uniform(0.3, 0.9))  # a random instant
            disk.cut()
            node.kill()
            await asyncio.gather(*posters)
        finally:
            if node and node.alive:
                node.kill()
            database.kill()
            await disk.detach()
        disk.attach()
        try:
            node = await self.node_on(database)
            log = {update["payload"]["commentContent"]: update["payload"]["seq"]
                   for update in await http.read_log(node.port, "room")}
        finally:
            node.kill()
            database.kill()
            await disk.detach()
        self.acknowledged += len(acknowledged)
        return sum(1 for text, seq in acknowledged.items() if log.get(text) != seq)

    async def rounds(self, count, kind, *options, until_lost=False):
        self.acknowledged = 0
        lost = []
        self.directory = tempfile.mkdtemp(prefix="danwa-power-")
        os.chmod(self.directory, 0o755)
        try:
            for _ in range(count):
                disk = Disk(self.directory, kind.SIZE)
                lost.append(await self.one_round(disk, kind(disk.mount, *options)))
                if until_lost and lost[-1]:
                    break
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)
        print(f"{kind.__name__} {options}: lost {lost} of {self.acknowledged} acknowledged")
        return lost

    async def test_no_acknowledged_comment_is_lost(self):
        self.assertEqual(sum(await self.rounds(ROUNDS, SqliteFile)), 0)
        self.assertGreater(self.acknowledged, 500)

    async def test_without_full_sync_some_are_lost_so_this_test_can_fail(self):
        self.assertGreater(sum(await self.rounds(CONTROL_ROUNDS, SqliteFile, "normal", until_lost=True)), 0)

    async def test_postgres_loses_none_either(self):
        self.assertEqual(sum(await self.rounds(POSTGRES_ROUNDS, PostgresServer)), 0)
        self.assertGreater(self.acknowledged, 300)
