"""The loads of the ratios: what `danwa bench` is told, and the one figure that is kept."""

import asyncio
import json

from harness.paths import DANWA
from harness.waiting import until

ONE_NODE = ("floor", "gathering floor", "danwad")


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


class Load:
    """A row of the table. `floor_of` names the row whose floor is this one's too."""

    def __init__(self, name, unit, aim, servers, arguments, figure, floor_of=None):
        self.name = name
        self.unit = unit
        self.aim = aim
        self.servers = servers
        self.arguments = arguments
        self.figure = figure
        self.floor_of = floor_of or name

    async def measure(self, servers):
        """(the figure, the report of `danwa bench`)"""
        return await self.figure(servers, self.arguments)


async def cpu_per_delivery(servers, arguments):
    report = await bench(servers, *arguments)
    return report["server"]["cpu_us_per_delivery"], report


async def memory_per_watcher(servers, arguments):
    report = await bench(servers, *arguments)
    return report["resident_bytes_per_watcher"] / 1024, report


async def cpu_per_connection(servers, arguments):
    """From before the first connect until the last connection is forgotten."""
    await servers.at_rest()
    sockets = servers.sockets()
    before = servers.cpu_seconds()
    report = await bench(servers, *arguments)
    await until(lambda: servers.sockets() <= sockets, 30, "every connection is closed")
    await asyncio.wait_for(servers.at_rest(), 30)
    return (servers.cpu_seconds() - before) * 1e6 / report["watchers"], report


def loads(sizes):
    """All rows, at these sizes."""
    fanout = ["--watchers", sizes.watchers, "--posters", sizes.posters]
    rooms = ["--conversations", sizes.rooms, "--watchers", 5 * sizes.rooms, "--posters", sizes.posters,
             "--posts", sizes.room_posts]
    rooms_name = f"{sizes.rooms:,} conversations x 5 watchers"
    return [
        Load(f"fan-out to {sizes.watchers:,}, closed loop", "us/delivery", "0.7", ONE_NODE,
             [*fanout, "--posts", sizes.posts], cpu_per_delivery),
        Load(f"fan-out to {sizes.watchers:,}, 20 posts/s", "us/delivery", "1.3", ONE_NODE,
             [*fanout, "--rate", 20, "--seconds", sizes.paced_seconds], cpu_per_delivery),
        Load(rooms_name, "us/delivery", "3.0", ONE_NODE, rooms, cpu_per_delivery),
        Load("the same over two nodes", "us/delivery", "3.7", ("two danwad",), rooms, cpu_per_delivery, rooms_name),
        Load("memory per idle watcher", "KiB", "6 KiB", ONE_NODE, ["--idle", sizes.idle, "--seconds", 2],
             memory_per_watcher),
        Load("connect, upgrade, close", "us", "3", ONE_NODE, ["--idle", sizes.connects, "--seconds", 0.1],
             cpu_per_connection),
    ]
