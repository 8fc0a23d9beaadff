#!/usr/bin/env python3
"""danwad against a bare epoll server, in one run on one machine, beside what peers needed.

Build first:  tests/support/build release danwad danwa && tests/support/build fast danwa_floor_server
"""

import argparse
import asyncio
import json
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import ratio_servers  # noqa: E402
from harness.paths import BUILD, DANWA  # noqa: E402
from ratio_loads import PEERS, PEERS_NOTE, Failed, loads  # noqa: E402

SIZES = {  # name: (full, smoke, meaning)
    "rounds": (3, 1, "every server takes its turn at every load in each round; 5 or more for figures to quote"),
    "seconds": (10, 2, "of each load that posts; W6 takes twice as long"),
    "watchers": (1000, 100, "of the one conversation"),
    "rooms": (1000, 50, "conversations with 5 watchers each"),
    "idle": (10000, 2000, "watchers that only hold memory"),
    "connects": (10000, 2000, "connections of the connect load"),
    "stalled": (100, 10, "watchers that stop reading"),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true", help="small sizes: a minute, figures without meaning")
    for name, (full, smoke, meaning) in SIZES.items():
        parser.add_argument(f"--{name}", type=int, metavar="N", help=f"{meaning} (default {full}, --smoke {smoke})")
    parser.add_argument("--build", action="append", type=pathlib.Path, metavar="DIR",
                        help="folder of a danwad; repeat it to compare builds (default: build/release)")
    parser.add_argument("--only", nargs="+", metavar="LOAD", help="names of loads, such as W1 W2 W5")
    parser.add_argument("--directory", help="where the databases go: a disk that honours fsync (default: /tmp)")
    parser.add_argument("--json", metavar="FILE", help="writes every figure and report there")
    given = parser.parse_args()
    given.build = given.build or [BUILD]
    for name, (full, smoke, _) in SIZES.items():
        if getattr(given, name) is None:
            setattr(given, name, smoke if given.smoke else full)
    known = [load.name for load in loads(given)]
    for name in given.only or ():
        if name not in known:
            parser.error(f"--only: {name} is none of {' '.join(known)}")
    return given


def servers_of(load, given):
    """[(name in the figures, a context of the servers)]: the floors, then each build."""
    def of(build):
        return lambda: ratio_servers.danwad(load.nodes, given.directory, build / "danwad")

    return [(name, ratio_servers.FLOORS[name]) for name in load.floors] + [(str(each), of(each)) for each in given.build]


async def measure(rows, given):
    """[{round, load, server, figure, report}], round by round so that all see the same machine. The server that begins
    changes from round to round."""
    figures = []
    for turn in range(given.rounds):
        for load in rows:
            servers = servers_of(load, given)
            first = turn % len(servers)
            for name, start in servers[first:] + servers[:first]:
                async with start() as running:
                    report = await load.measure(running)
                figure = load.figure(report)
                print(f"round {turn + 1}: {load.name}: {name} {figure:.2f} {load.unit}", file=sys.stderr, flush=True)
                figures.append({"round": turn + 1, "load": load.name, "server": name, "figure": figure,
                                "report": report})
    return figures


def by_round(figures, load, server, value):
    """{round: value of the figure}; rounds in which the report has no such value are left out."""
    found = {each["round"]: value(each) for each in figures if (each["load"], each["server"]) == (load, server)}
    return {turn: each for turn, each in found.items() if each is not None}


def median(values):
    return statistics.median(values) if values else None


def paired(figures, load, server, ground):
    """The median of the ratios of each round to `ground`, a (load, server)."""
    over = by_round(figures, load, server, lambda each: each["figure"])
    under = by_round(figures, *ground, lambda each: each["figure"])
    return median([over[turn] / under[turn] for turn in over if under.get(turn)])


def grown_mib(report):
    processes = report.get("server", {}).get("processes")
    if processes is None:
        return None
    return sum(each["resident_bytes"] - each["resident_bytes_before"] for each in processes) / 2 ** 20


BESIDE = {  # column: of a report of danwad; None if there is no such figure
    "switches/post": lambda report: report.get("server", {}).get("switches_per_post"),
    "p50 ms": lambda report: report["deliveries"]["send_to_socket_us"]["p50"] / 1000 if "deliveries" in report else None,
    "p99 ms": lambda report: report["deliveries"]["send_to_socket_us"]["p99"] / 1000 if "deliveries" in report else None,
    "+MiB": grown_mib,
}


def summary(rows, given, figures):
    """One entry for each load and build: medians, and medians of ratios."""
    table = []
    for load in rows:
        def of(server):
            return median(by_round(figures, load.name, server, lambda each: each["figure"]).values())

        for build in map(str, given.build):
            ground = (load.against, build) if load.against else (load.name, load.floors[0]) if load.floors else None
            entry = {"load": load.name, "shape": load.shape, "build": build, "unit": load.unit, "aim": load.aim,
                     "floor": of(load.floors[0]) if load.floors else None, "danwad": of(build),
                     "gathering": paired(figures, load.name, "gathering floor", ground) if ground else None,
                     "ratio": paired(figures, load.name, build, ground) if ground else None}
            for name, value in BESIDE.items():
                entry[name] = median(by_round(figures, load.name, build, lambda each: value(each["report"])).values())
            table.append({**entry, **{peer: load.peers.get(peer) for peer in PEERS}})
    return table


def show(table, given):
    columns = ["load", "shape", *(["build"] if len(given.build) > 1 else []), "unit", "floor", "danwad", "ratio", "aim",
               "gathering", *PEERS, *BESIDE]

    def cell(value):
        return "" if value is None else f"{value:.2f}" if isinstance(value, (int, float)) else value

    lines = [columns, *([cell(row[column]) for column in columns] for row in table)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    lines.insert(1, ["-" * width for width in widths])
    for line in lines:
        print("| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |")
    print("\n" + PEERS_NOTE)


def main():
    given = arguments()
    missing = [str(path) for path in [DANWA, ratio_servers.FLOOR, *(build / "danwad" for build in given.build)]
               if not path.exists()]
    if missing:
        print(f"not built: {', '.join(missing)}\n{__doc__}", file=sys.stderr)
        return 2
    rows = [load for load in loads(given) if not given.only or load.name in given.only]
    try:
        figures = asyncio.run(measure(rows, given))
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1
    table = summary(rows, given, figures)
    show(table, given)
    if given.json:
        sizes = {name: getattr(given, name) for name in SIZES}
        pathlib.Path(given.json).write_text(json.dumps({"sizes": sizes, "table": table, "figures": figures}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
