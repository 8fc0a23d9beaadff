"""The loads of the ratios: what `danwa bench` is told, the figure that is kept, and what peers needed.

A load has the shape that the comparison with the peers had, so that ratios can be set beside theirs. Three things
differ. There a warm-up of two seconds came first; here the first posts make their conversations inside the measured
time. There connections came and went for five seconds; here a fixed number does. There all watchers were one user; here
each is another one."""

import asyncio
import contextlib
import dataclasses
import json
from collections.abc import Callable

from harness.paths import DANWA
from harness.websocket import Ended, Watcher

PEERS = ("nchan", "nats", "centrifuge")
PEERS_NOTE = """gathering: the ratio of a bare server that writes all waiting frames of a socket at once.
Peers: ratios to the floor of their own run, 2 cores, November 2026: nginx 1.22 with nchan, nats-server,
and a server on the Go library centrifuge. None of them stores a post. Two nodes of centrifuge had Redis between them.
The peers speak other protocols than `danwa bench`, so this script does not run them.
W3 is in KiB, for the peers too. The ratio of W6 is to W6base, where everybody reads."""


class Failed(Exception):
    """A load whose result is worth nothing."""


async def bench(servers, *arguments):
    """The report of `danwa bench`; raises Failed when an update was lost, doubled or swapped, or a request failed."""
    command = [str(DANWA), "bench"]
    for address in servers.addresses:
        command += ["--node", address]
    for pid in servers.pids:
        command += ["--pid", str(pid)]
    command += [str(argument) for argument in arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    report = json.loads(output) if output else {}
    if not report.get("ok"):
        raise Failed(f"{' '.join(command)} ended with {process.returncode}: {output.decode()}")
    return report


@contextlib.asynccontextmanager
async def stalled_watchers(servers, conversation, count):
    """Watchers that do not read. Yields a function that lets them read on, and raises Failed if one was cut off or
    did not receive all updates in order."""
    port = int(servers.addresses[0].rsplit(":", 1)[1])
    watchers = [await Watcher(port, conversation).open() for _ in range(count)]

    async def read_on(last_seq):
        try:
            received = await asyncio.gather(*(watcher.collect(last_seq, 60) for watcher in watchers))
        except (Ended, asyncio.TimeoutError) as error:
            raise Failed(f"a stalled watcher did not catch up: {error!r}") from error
        for frames in received:
            if [frame["payload"]["seq"] for frame in frames] != list(range(1, last_seq + 1)):
                raise Failed("a stalled watcher received other updates than all in order")

    try:
        yield read_on
    finally:
        for watcher in watchers:
            watcher.vanish()


def cpu_per_delivery(report):
    return report["server"]["cpu_us_per_delivery"]


def cpu_per_connect(report):
    return report["server"]["cpu_us_per_connect"]


def memory_per_watcher(report):
    return report["resident_bytes_per_watcher"] / 1024


def p99_of_deliveries(report):
    return report["deliveries"]["send_to_socket_us"]["p99"] / 1000


@dataclasses.dataclass(frozen=True)
class Load:
    """A row of the table."""

    name: str
    shape: str
    arguments: list
    aim: str = ""
    unit: str = "us/delivery"
    figure: Callable = cpu_per_delivery
    nodes: int = 1
    floors: tuple = ("floor", "gathering floor")  # the ratio is to the first
    against: str = ""  # a load of the same build that the ratio is to, in place of a floor
    stalled: int = 0
    peers: dict = dataclasses.field(default_factory=dict)

    async def measure(self, servers):
        """The report of `danwa bench`."""
        if not self.stalled:
            return await bench(servers, *self.arguments)
        async with stalled_watchers(servers, "ratios-0", self.stalled) as read_on:
            report = await bench(servers, *self.arguments, "--prefix", "ratios")
            await read_on(report["posts"]["acknowledged"])
        return report


def loads(sizes):
    """All rows, at these sizes."""
    one = ["--watchers", sizes.watchers, "--text-size", 256, "--seconds", sizes.seconds]
    many = ["--conversations", sizes.rooms, "--watchers", 5 * sizes.rooms, "--text-size", 256, "--seconds",
            sizes.seconds]
    large = ["--posters", 8, "--rate", 20, "--text-size", 8192, "--seconds", 2 * sizes.seconds]
    closed = ["--posters", 8, "--in-flight", 64]
    return [
        Load("W1", f"1 x {sizes.watchers:,}, 8 in flight", [*one, "--posters", 4, "--in-flight", 8], "0.60",
             peers={"nchan": 1.3, "nats": 0.8, "centrifuge": 0.61}),
        Load("W1o", f"1 x {sizes.watchers:,}, 20 posts/s", [*one, "--posters", 8, "--rate", 20], "1.3",
             peers={"nchan": 1.48, "nats": 2.4, "centrifuge": 2.2}),
        Load("W2", f"{sizes.rooms:,} x 5, 8 posters", [*many, *closed], "3.0",
             peers={"nchan": 1.9, "nats": 2.6, "centrifuge": 3.4}),
        Load("W2o", f"{sizes.rooms:,} x 5, 1,000 posts/s", [*many, "--posters", 32, "--rate", 1000], "4.0",
             peers={"nchan": 1.8, "centrifuge": 5.5}),
        Load("W3", f"{sizes.idle:,} idle", ["--idle", sizes.idle, "--conversations", sizes.rooms, "--seconds", 5],
             "4.6 KiB", "KiB/watcher", memory_per_watcher, floors=(), peers={"nchan": 10.5, "centrifuge": 28}),
        Load("W4", "W2 on two nodes", [*many, *closed, "--post-to-first"], "3.2", nodes=2, floors=("two floors",),
             peers={"nats": 3.3, "centrifuge": 7.4}),
        Load("W4o", "two nodes, 500 posts/s", [*many, "--posters", 32, "--rate", 500, "--post-to-first"], "4.0",
             nodes=2, floors=("two floors",), peers={"nats": 2.7, "centrifuge": 8}),
        Load("W5", "connect, upgrade, close", ["--connects", sizes.connects, "--conversations", sizes.rooms], "2.5",
             "us/connect", cpu_per_connect, floors=("floor",), peers={"nchan": 1.3, "centrifuge": 5.0}),
        Load("W6base", "8 KiB posts, 20/s", ["--watchers", sizes.watchers, *large], "", "ms p99", p99_of_deliveries,
             floors=()),
        Load("W6", f"the same, {sizes.stalled} of them stop reading",
             ["--watchers", sizes.watchers - sizes.stalled, *large], "1.3", "ms p99", p99_of_deliveries, floors=(),
             against="W6base", stalled=sizes.stalled),
    ]
