"""A log that nobody reads, that is full, broken or closed holds neither a node nor a command."""

import asyncio
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

from harness import http
from harness.node import clean_environment
from harness.paths import DANWA, DANWAD
from harness.ports import free_port
from harness.waiting import until

DRAIN_MS = 300


def full_pipe():
    """A pipe that takes not a byte more: (its reading end, its writing end)."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for size in (4096, 1):
        try:
            while True:
                os.write(writer, b"x" * size)
        except BlockingIOError:
            pass
    os.set_blocking(writer, True)
    return reader, writer


class LoggedNode:
    """A danwad whose standard streams are the caller's."""

    def __init__(self, folder, stdout, prefix=()):
        self.port = free_port()
        self.process = subprocess.Popen(
            [*prefix, str(DANWAD), "--set", f"http.listen=127.0.0.1:{self.port}",
             "--set", f"database.master=sqlite:{folder}/danwa.db", "--set", f"http.drain_window_ms={DRAIN_MS}",
             "--set", "log.level=debug"],
            stdin=subprocess.DEVNULL, stdout=stdout, stderr=stdout, env=clean_environment())

    async def ready(self):
        async def is_ready():
            assert self.process.poll() is None, f"ended with {self.process.returncode}"
            try:
                return (await http.request(self.port, "GET", "/readyz", timeout=2)).status == 200
            except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
                return False
        await until(is_ready, 15, "the node is ready")
        return self

    async def dropped(self):
        answer = await http.request(self.port, "GET", "/metrics")
        for line in answer.body.decode().splitlines():
            if line.startswith("danwa_log_lines_dropped_total "):
                return float(line.split()[1])
        raise AssertionError("no figure for dropped lines")

    async def end(self, number=signal.SIGTERM, seconds=DRAIN_MS / 1000 + 5):
        """The exit status, which comes in time."""
        self.process.send_signal(number)
        await until(lambda: self.process.poll() is not None, seconds, "the node ends")
        return self.process.returncode

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class BlockedLog(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    async def node(self, stdout, prefix=()):
        node = LoggedNode(self.folder.name, stdout, prefix)
        self.addCleanup(node.kill)
        return await node.ready()

    async def post(self, node, count=5):
        for i in range(count):
            self.assertEqual((await http.post(node.port, f"text {i}", "room")).status, 201)

    async def test_a_pipe_that_nobody_reads(self):
        reader, writer = full_pipe()
        self.addCleanup(os.close, reader)
        node = await self.node(writer)
        os.close(writer)
        await self.post(node)
        self.assertEqual(await node.end(), 0)

    async def test_a_pipe_that_is_read_again(self):
        reader, writer = full_pipe()
        node = await self.node(writer)
        os.close(writer)
        await self.post(node)
        text = b""
        with open(reader, "rb", buffering=0) as pipe:
            loop = asyncio.get_running_loop()
            while b"node.started" not in text:
                text += await asyncio.wait_for(loop.run_in_executor(None, pipe.read, 65536), 5)
            self.assertEqual(await node.end(), 0)
            text += await asyncio.wait_for(loop.run_in_executor(None, pipe.read, 1 << 20), 5)
        self.assertIn(b'"event":"node.stopped"', text)

    async def test_a_reader_that_has_gone(self):
        reader, writer = os.pipe()
        os.close(reader)
        node = await self.node(writer)
        os.close(writer)
        await self.post(node)

        async def counted():
            return await node.dropped() > 5
        await until(counted, 5, "dropped lines are counted")
        self.assertEqual(await node.end(), 0)

    async def test_a_full_disk(self):
        with open("/dev/full", "wb") as full:
            node = await self.node(full)
        await self.post(node)
        self.assertGreater(await node.dropped(), 0)
        self.assertEqual(await node.end(), 0)

    async def test_closed_streams_are_no_database(self):
        node = await self.node(subprocess.DEVNULL, prefix=["sh", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "sh"])
        await self.post(node)
        self.assertEqual(await node.end(), 0)
        for file in pathlib.Path(self.folder.name).iterdir():
            self.assertNotIn(b'"event":"node.started"', file.read_bytes(), file.name)
        node = await self.node(subprocess.DEVNULL)
        self.assertEqual(len(await http.read_log(node.port, "room")), 5)
        self.assertEqual(await node.end(), 0)

    async def test_every_ending_signal_drains(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            log = pathlib.Path(self.folder.name) / f"{number}.log"
            with open(log, "wb") as out:
                node = await self.node(out)
            self.assertEqual(await node.end(number), 0, number.name)
            self.assertIn('"event":"node.stopped"', log.read_text(), number.name)


class LastWords(unittest.TestCase):
    """Commands whose standard error nobody reads end in time, with their status."""

    def end_of(self, *command):
        reader, writer = full_pipe()
        self.addCleanup(os.close, reader)
        started = time.monotonic()
        process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=writer, env=clean_environment())
        os.close(writer)
        try:
            status = process.wait(timeout=8)
        finally:
            process.kill()
        self.assertLess(time.monotonic() - started, 8)
        return status

    def test_of_the_node(self):
        self.assertEqual(self.end_of(DANWAD, "--set", "no.such.key=1"), 1)
        self.assertEqual(self.end_of(DANWAD, "--nonsense"), 2)
        self.assertEqual(self.end_of(DANWAD, "config", "check", "--set", "http.listen=x"), 1)

    def test_of_the_tool(self):
        node = f"127.0.0.1:{free_port()}"  # nobody serves there
        self.assertEqual(self.end_of(DANWA, "send", "-n", node, "-c", "room", "-u", "ann", "text"), 3)
        self.assertEqual(self.end_of(DANWA, "history", "-n", node, "-n", node, "-c", "room"), 3)
        self.assertEqual(self.end_of(DANWA, "send", "text"), 2)
        self.assertEqual(self.end_of(DANWA, "token", "--user", "a", "--company", "b", "--key-file", "/nonexistent"), 2)
