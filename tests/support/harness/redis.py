"""A real redis-server on loopback, without persistence."""

import asyncio
import contextlib
import subprocess
import tempfile

from .cluster import running
from .ports import free_port
from .waiting import stop_whole, until


class Redis:
    """One redis-server process, which is ended by its pid; it keeps its port over restarts."""

    def __init__(self, password=None):
        self.password = password
        self.directory = tempfile.TemporaryDirectory(prefix="danwa-redis-")
        self.port = free_port()
        self.process = None

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    async def start(self, seconds=20):
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                   "--dir", self.directory.name]
        if self.password:
            command += ["--requirepass", self.password]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

        async def answers():
            return self.process.poll() is not None or await self._pings()

        await until(answers, seconds, "redis-server answers")
        if self.process.poll() is None:
            return self
        raise AssertionError("redis-server does not start")

    async def _pings(self):
        try:
            return await self._ask("PING") == b"+PONG"
        except OSError:
            return False

    async def _ask(self, *words):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            if self.password:
                await self._say(reader, writer, "AUTH", self.password)
            return await self._say(reader, writer, *words)
        finally:
            writer.close()

    @staticmethod
    async def _say(reader, writer, *words):
        encoded = [word.encode() for word in words]
        writer.write(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in encoded))
        return await asyncio.wait_for(Redis._read(reader), 5)

    @staticmethod
    async def _read(reader):
        line = (await reader.readline()).rstrip(b"\r\n")
        if line.startswith(b"*"):
            return [await Redis._read(reader) for _ in range(int(line[1:]))]
        if line.startswith(b"$"):
            return (await reader.readexactly(int(line[1:]) + 2))[:-2]
        return int(line[1:]) if line.startswith(b":") else line

    async def channels(self):
        """The Redis channels that somebody has subscribed, beside those of presence."""
        channels = {channel.decode() for channel in await self._ask("PUBSUB", "CHANNELS")}
        return {channel for channel in channels if not channel.startswith("danwa:presence")}

    async def subscribers(self, channel):
        return (await self._ask("PUBSUB", "NUMSUB", channel))[1]

    async def all_listen(self, count, seconds=15):
        """`count` nodes have subscribed what every node subscribes."""
        async def listening():
            return await self.subscribers("danwa:presence") == count

        await until(listening, seconds, f"{count} nodes listen to Redis")

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def pause(self):
        stop_whole(self.process.pid)

    def stop(self):
        self.kill()
        self.directory.cleanup()


@contextlib.asynccontextmanager
async def redis_server(password=None):
    """A redis-server for the length of a `with` block."""
    server = Redis(password)
    try:
        yield await server.start()
    finally:
        server.stop()


@contextlib.asynccontextmanager
async def over_redis(size=3):
    """A redis-server and nodes that all listen to it."""
    async with redis_server() as redis:
        async with running(size=size, bus="redis", settings={"redis.url": redis.url}) as cluster:
            await redis.all_listen(size)
            yield cluster, redis
