#!/usr/bin/env python3
"""danwad against a bare epoll server, in one run on one machine.

Build first:  tests/support/build release && tests/support/build fast danwa_floor_server
"""

import argparse
import asyncio
import json
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import ratio_servers  # noqa: E402
from harness.paths import DANWA, DANWAD  # noqa: E402
from ratio_loads import Failed, loads  # noqa: E402

SIZES = {  # name: (full, smoke, meaning)
    "rounds": (3, 1, "every server takes its turn at every load in each round; the medians are shown"),
    "watchers": (1000, 100, "of the fan-out"),
    "posts": (2000, 1000, "of the fan-out in a closed loop"),
    "paced-seconds": (15, 2, "of the fan-out at 20 posts a second"),
    "rooms": (1000, 50, "conversations with 5 watchers each"),
    "room-posts": (30000, 2000, "into those conversations"),
    "posters": (8, 4, "connections that post"),
    "idle": (10000, 2000, "watchers that only hold memory"),
    "connects": (10000, 2000, "connections of the connect load"),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true", help="small sizes: half a minute, figures without meaning")
    for name, (full, smoke, meaning) in SIZES.items():
        parser.add_argument(f"--{name}", type=int, metavar="N", help=f"{meaning} (default {full}, --smoke {smoke})")
    parser.add_argument("--directory", help="where the databases go: a disk that honours fsync (default: /tmp)")
    parser.add_argument("--json", metavar="FILE", help="writes every figure and report there")
    parser.add_argument("--only", metavar="TEXT", default="", help="loads whose name holds this")
    given = parser.parse_args()
    for name, (full, smoke, _) in SIZES.items():
        field = name.replace("-", "_")
        if getattr(given, field) is None:
            setattr(given, field, smoke if given.smoke else full)
    return given


async def measure(rows, given):
    """[{round, load, server, figure, report}], round by round so that all see the same machine."""
    figures = []
    for turn in range(given.rounds):
        for load in rows:
            for name in load.servers:
                async with ratio_servers.start(name, given.directory) as servers:
                    figure, report = await load.measure(servers)
                print(f"round {turn + 1}: {load.name}: {name} {figure:.2f} {load.unit}", file=sys.stderr, flush=True)
                figures.append({"round": turn + 1, "load": load.name, "server": name, "figure": figure,
                                "report": report})
    return figures


def median(figures, load, server):
    found = [each["figure"] for each in figures if (each["load"], each["server"]) == (load, server)]
    return statistics.median(found) if found else None


def summary(rows, figures):
    """One entry a row: the floor's median, and ratios to it."""
    table = []
    for load in rows:
        ground = median(figures, load.floor_of, "floor")
        medians = {name: median(figures, load.name, name) for name in load.servers}
        ratios = {name: value / ground for name, value in medians.items() if ground and name != "floor"}
        table.append({"load": load.name, "unit": load.unit, "floor": ground, "aim": load.aim, "medians": medians,
                      "ratios": ratios})
    return table


def show(table):
    def cell(value):
        return "" if value is None else f"{value:.2f}"

    print(f"{'load':<36} {'floor':>20} {'gathering':>10} {'danwad':>10} {'ratio':>8}   aim")
    for row in table:
        server = next(name for name in row["medians"] if "danwad" in name)
        print(f"{row['load']:<36} {cell(row['floor']):>8} {row['unit']:<11} "
              f"{cell(row['ratios'].get('gathering floor')):>10} {cell(row['medians'][server]):>10} "
              f"{cell(row['ratios'].get(server)):>8}   {row['aim']}")


def main():
    given = arguments()
    missing = [str(path) for path in (DANWAD, DANWA, ratio_servers.FLOOR) if not path.exists()]
    if missing:
        print(f"not built: {', '.join(missing)}\n{__doc__}", file=sys.stderr)
        return 2
    rows = [load for load in loads(given) if given.only in load.name]
    try:
        figures = asyncio.run(measure(rows, given))
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1
    table = summary(rows, figures)
    show(table)
    if given.json:
        sizes = {name: getattr(given, name.replace("-", "_")) for name in SIZES}
        pathlib.Path(given.json).write_text(json.dumps({"sizes": sizes, "table": table, "figures": figures}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
