#!/usr/bin/env python3
"""run_mutants.py BUILD [PART...]: shows that exploration or simulation notices faults made by hand in usecase/delivery.

Each mutant of tests/usecase/delivery/mutants.py is one replacement in one source. Only that source is compiled, and
linked with the objects of the folder `BUILD` (preset `fast`). Then the exploration runs, and if it notices nothing the
simulation. A mutant whose text does not occur exactly once fails, as does one that survives. The sources as they are
must pass. A PART selects mutants by a part of their name.

Environment: DANWA_TEST_JOBS: how many at a time.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "usecase/delivery"
sys.path.insert(0, str(ROOT / "tests/usecase/delivery"))

from mutants import MUTANTS  # noqa: E402  the path comes first

JOBS = int(os.environ.get("DANWA_TEST_JOBS", len(os.sched_getaffinity(0))))
RUNS = [("exploration", {"DANWA_TEST_EXPLORATION_UPDATES": updates, "DANWA_TEST_EXPLORATION_FAULTS": faults})
        for updates, faults in (("2", "1"), ("4", "1"), ("2", "2"), ("3", "2"))]
RUNS += [("simulation", {"DANWA_TEST_SIMULATION_SEEDS": "2000"})]
SECONDS = 120


class Workshop:
    def __init__(self, build, folder):
        self.build, self.folder = pathlib.Path(build).resolve(), pathlib.Path(folder)
        self.includes = [f"-I{path}" for path in sorted((self.build / "include").iterdir())]
        self.objects = {}

    def compile(self, text, name):
        source, result = self.folder / f"{name}.cpp", self.folder / f"{name}.o"
        source.write_text(text)
        subprocess.run(["g++", "-std=c++20", "-O1", "-w", *self.includes, "-c", source, "-o", result], check=True)
        return result

    def link(self, kind, name, changed=None):
        """The program with the sources as they are, but `changed`: (source, its object)."""
        objects = dict(self.objects, **({changed[0]: changed[1]} if changed else {}))
        main = sorted((self.build / f"tests/CMakeFiles/danwa_{kind}.dir").rglob("*.o"))
        libraries = [self.build / f"{layer}/libdanwa_{layer}.a" for layer in ("adapters", "usecase", "domain")]
        program = self.folder / f"{name}-{kind}"
        if not program.exists():
            subprocess.run(["g++", *main, *objects.values(), *libraries, "-lgtest", "-lgtest_main", "-lpthread",
                            "-o", program], check=True)
        return program


def noticed(shop, name, changed=None):
    """What noticed a fault, and the first line that it said; None: nothing did."""
    for kind, bound in RUNS:
        program = shop.link(kind, name, changed)
        environment = {**os.environ, **bound}
        environment.pop("GTEST_OUTPUT", None)
        try:
            done = subprocess.run([program, "--gtest_brief=1"], env=environment, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return f"{kind}: does not end in {SECONDS} s"
        if done.returncode != 0:
            lines = done.stdout.decode(errors="replace").splitlines()
            told = [lines[i + 2] for i, line in enumerate(lines[:-2]) if line.endswith(": Failure")]
            told = told[0].strip() if told else "ends by a signal"
            return f"{kind} {' '.join(bound.values())}: {told}"
    return None


def try_mutant(shop, number, name):
    source, text, other = MUTANTS[name]
    whole = (SOURCES / source).read_text()
    if whole.count(text) != 1 or text == other:
        print(f"FAILED  {name}: its text occurs {whole.count(text)} times in {source}", flush=True)
        return False
    mutant = f"mutant{number}"
    by = noticed(shop, mutant, (source, shop.compile(whole.replace(text, other), mutant)))
    print(f"{'ok     ' if by else 'FAILED '} {name}: {by or 'survives'}", flush=True)
    return by is not None


def main(build, *parts):
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(max(1, JOBS)) as pool:
        shop = Workshop(build, folder)
        sources = sorted(SOURCES.glob("*.cpp"))
        compiled = pool.map(lambda path: shop.compile(path.read_text(), path.stem), sources)
        shop.objects = {path.name: result for path, result in zip(sources, compiled)}
        plain = pool.submit(lambda: noticed(shop, "plain"))
        wanted = [name for name in MUTANTS if not parts or any(part in name for part in parts)]
        good = list(pool.map(lambda one: try_mutant(shop, *one), enumerate(wanted)))
        good.append(plain.result() is None)
        print(f"{'ok     ' if good[-1] else 'FAILED '} the sources as they are: {plain.result() or 'pass'}")
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed, 0 skipped")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 1 else __doc__)
