#!/usr/bin/env python3
"""Durable posts on SQLite and on PostgreSQL, side by side, in one run on one machine.

Build first:  tests/support/build release danwad danwa
"""

import argparse
import asyncio
import contextlib
import json
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import ratio_servers  # noqa: E402
from harness.paths import DANWA, DANWAD  # noqa: E402
from ratio_loads import Failed, bench  # noqa: E402

POSTERS = (8, 64, 256)  # connections, each in a closed loop
FIGURES = ("posts a second", "p50 ms", "p99 ms", "node us/post", "server us/post")


def databases(directory):
    """name: a context of the nodes on it"""
    return {
        "sqlite, 1 node": lambda: ratio_servers.danwad(1, directory),
        "postgres, 1 node": lambda: ratio_servers.danwad_on_postgres(1, directory),
        "sqlite, 3 nodes": lambda: ratio_servers.danwad(3, directory),
        "postgres, 3 nodes": lambda: ratio_servers.danwad_on_postgres(3, directory),
        "postgres with a synchronous standby, 3 nodes":
            lambda: ratio_servers.danwad_on_postgres(3, directory, standby=True, synchronous=True),
    }


async def measure(servers, posters, posts, conversations):
    """The figures of one load, in the order of FIGURES; CPU of the nodes, and of the database's own processes."""
    before = servers.cpu_seconds(), servers.database_seconds()
    report = await bench(servers, "--posters", posters, "--posts", posts, "--conversations", conversations)
    spent = servers.cpu_seconds() - before[0], servers.database_seconds() - before[1]
    told = report["posts"]
    return [told["per_second"], told["latency_us"]["p50"] / 1000, told["latency_us"]["p99"] / 1000,
            *(seconds * 1e6 / told["acknowledged"] for seconds in spent)]


async def run(given):
    """{(database, posters): [figures of each round]}"""
    found = {}
    for turn in range(given.rounds):
        for name, start in databases(given.directory).items():
            if given.only not in name:
                continue
            async with contextlib.AsyncExitStack() as stack:
                servers = await stack.enter_async_context(start())
                for posters in POSTERS:
                    figures = await measure(servers, posters, given.posts, given.conversations)
                    print(f"round {turn + 1}: {name}, {posters} posters: {figures[0]:.0f} posts a second",
                          file=sys.stderr, flush=True)
                    found.setdefault((name, posters), []).append(figures)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true", help="small: figures without meaning")
    parser.add_argument("--rounds", type=int, help="medians of so many are shown (default 3, --smoke 1)")
    parser.add_argument("--posts", type=int, help="of each load (default 20000, --smoke 500)")
    parser.add_argument("--conversations", type=int, default=100, help="that they go to (default 100)")
    parser.add_argument("--directory", help="where the databases go: a disk that honours fsync (default: /tmp)")
    parser.add_argument("--only", metavar="TEXT", default="", help="databases whose name holds this")
    parser.add_argument("--json", metavar="FILE", help="writes every figure there")
    given = parser.parse_args()
    given.rounds = given.rounds or (1 if given.smoke else 3)
    given.posts = given.posts or (500 if given.smoke else 20_000)
    missing = [str(path) for path in (DANWAD, DANWA) if not path.exists()]
    if missing:
        print(f"not built: {', '.join(missing)}\n{__doc__}", file=sys.stderr)
        return 2
    try:
        found = asyncio.run(run(given))
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1
    print(f"{'database':<46} {'posters':>8}" + "".join(f"{figure:>16}" for figure in FIGURES))
    for (name, posters), rounds in found.items():
        medians = [statistics.median(values) for values in zip(*rounds)]
        print(f"{name:<46} {posters:>8}" + "".join(f"{value:>16.1f}" for value in medians))
    if given.json:
        rows = [{"database": name, "posters": posters, "rounds": [dict(zip(FIGURES, each)) for each in rounds]}
                for (name, posters), rounds in found.items()]
        pathlib.Path(given.json).write_text(json.dumps(rows, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
