"""Out of file handles or disk: a clear refusal, no harm to others, recovery by itself."""

import asyncio
import os
import subprocess
import tempfile
import unittest

from harness import chat_rpc, http
from harness.node import Node
from harness.waiting import until
from harness.websocket import Watcher


def settings(directory):
    path = f"sqlite:{directory}/danwa.db"
    return {"http.listen": "127.0.0.1:0", "database.master": path, "database.replica": path,
            "auth.mode": "development", "bus": "none", "log.format": "json"}


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class FileHandles(unittest.IsolatedAsyncioTestCase):
    async def crowd_out(self, node, log, port):
        """400 connections to a node of 256 handles: it rests. Then they go."""
        crowd = []
        for _ in range(400):
            crowd.append(await asyncio.open_connection("127.0.0.1", port))
        lines = sum(1 for _ in open(log, "rb"))
        spent = cpu_seconds(node.pid)
        await asyncio.sleep(3)  # the time over which the CPU is measured
        self.assertLess(cpu_seconds(node.pid) - spent, 0.3)
        self.assertLessEqual(sum(1 for _ in open(log, "rb")) - lines, 4)
        for _, writer in crowd:
            writer.transport.abort()

    async def test_400_connects_at_256_handles_neither_spin_nor_harm(self):
        with tempfile.TemporaryDirectory(prefix="danwa-test-") as directory:
            log = os.path.join(directory, "node.log")
            node = Node("node-1", settings(directory), log, prefix=["prlimit", "--nofile=256:256"])
            await node.start()
            try:
                watcher = await Watcher(node.port, "room").open()
                await self.crowd_out(node, log, node.port)

                async def posted():
                    try:
                        return (await http.post(node.port, "served again", "room", timeout=2)).status == 201
                    except (OSError, http.Closed, asyncio.TimeoutError):
                        return False

                await until(posted, 5, "service after the crowd has gone")
                self.assertEqual((await watcher.next(3))["payload"]["commentContent"], "served again")
            finally:
                node.kill()

    async def test_400_connects_to_the_grpc_port_do_not_end_its_service(self):
        with tempfile.TemporaryDirectory(prefix="danwa-test-") as directory:
            log = os.path.join(directory, "node.log")
            node = Node("node-1", {**settings(directory), "grpc.listen": "127.0.0.1:0"}, log,
                        prefix=["prlimit", "--nofile=256:256"])
            await node.start()
            try:
                chat = await chat_rpc.Chat(node.grpc, "ann").open()
                await self.crowd_out(node, log, int(node.grpc.rsplit(":", 1)[1]))

                async def chats():
                    try:
                        other = await asyncio.wait_for(chat_rpc.Chat(node.grpc, "bob").open(), 2)
                    except (asyncio.TimeoutError, AssertionError, chat_rpc.grpc.RpcError):
                        return False
                    await other.send("served again")
                    return True

                await until(chats, 5, "service after the crowd has gone")
                self.assertEqual((await chat.next_update()).message, "served again")
            finally:
                node.kill()


class Disk(unittest.IsolatedAsyncioTestCase):
    async def test_a_full_disk_answers_503_and_recovers_within_5_seconds(self):
        if os.geteuid() != 0:
            if os.environ.get("CI") == "true":
                self.fail("needs root")
            self.skipTest("needs root")
        with tempfile.TemporaryDirectory(prefix="danwa-test-") as directory:
            disk = os.path.join(directory, "disk")
            os.mkdir(disk)
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], check=True)
            node = Node("node-1", settings(disk), os.path.join(directory, "node.log"))
            try:
                await node.start()
                watcher = await Watcher(node.port, "room").open()
                connection = await http.Connection(node.port).open()
                acknowledged = 0
                status = 201
                while status == 201:
                    self.assertLess(acknowledged, 20000, "the disk does not fill")
                    answer = await connection.request("POST", "/v1/comments", {"content": "x" * 3900, "conversationKey": "room"},
                                                      http.bearer("u"))
                    status = answer.status
                    acknowledged += status == 201
                self.assertEqual(status, 503)
                self.assertIn("retry-after", answer.headers)
                self.assertEqual(len(await http.read_log(node.port, "room")), acknowledged)
                subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)

                async def posted():
                    return (await http.post(node.port, "room again", "room")).status == 201

                await until(posted, 5, "posts after the disk has room")
                frames = await watcher.collect(acknowledged + 1, 10)
                self.assertEqual([frame["payload"]["seq"] for frame in frames], list(range(1, acknowledged + 2)))
            finally:
                node.kill()
                subprocess.run(["umount", disk], check=False)
