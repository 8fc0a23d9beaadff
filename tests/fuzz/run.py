#!/usr/bin/env python3
"""run.py FOLDER [NAME...]: runs the fuzzers in FOLDER, as many at a time as there are cores.

Each starts from tests/fuzz/corpus/<fuzzer>: every file there is an input as it stands, but a line of a file
*.seeds is one input in which Python's escapes (\\r\\n, \\x81) are bytes. tests/fuzz/<fuzzer>.dict is its
dictionary, if there. What a run finds interesting is kept beside FOLDER for the next one; what crashes is
printed in base64.

Environment: DANWA_TEST_FUZZ_SECONDS for each of the longest (60; with --long 300), a quarter for the others;
DANWA_TEST_JOBS: how many at a time.
"""

import base64
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
LONGEST = ("graphql", "redis")  # grammars of others, so the most to find
LONG = os.environ.get("DANWA_TEST_LONG", "0") == "1"
SECONDS = int(os.environ.get("DANWA_TEST_FUZZ_SECONDS", "300" if LONG else "60"))
JOBS = int(os.environ.get("DANWA_TEST_JOBS", len(os.sched_getaffinity(0))))
LIMITS = ["-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1", "-verbosity=1"]


def seconds_for(name):
    longest = LONG or name.startswith(LONGEST)
    return SECONDS if longest else max(1, SECONDS // 4)


def unescape(line):
    """The bytes of a line of a .seeds file."""
    return line.encode("latin-1").decode("unicode_escape").encode("latin-1")


def write_seeds(name, folder):
    """Puts every seed of the tree into `folder` as a file of its own; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    seeds = []
    for path in sorted((HERE / "corpus" / name).glob("*")):
        if path.suffix == ".seeds":
            seeds += [unescape(line) for line in path.read_text(encoding="latin-1").splitlines() if line]
        else:
            seeds.append(path.read_bytes())
    for number, seed in enumerate(seeds):
        (folder / f"seed-{number:03}").write_bytes(seed)
    return len(seeds)


def command(program, work):
    name = program.name
    found, seeds, crashes = work / "found" / name, work / "seeds" / name, work / "crashes"
    found.mkdir(parents=True, exist_ok=True)
    crashes.mkdir(parents=True, exist_ok=True)
    words = [str(program), f"-max_total_time={seconds_for(name)}", f"-artifact_prefix={crashes}/{name}-", *LIMITS]
    if (HERE / f"{name}.dict").exists():
        words.append(f"-dict={HERE / name}.dict")
    return [*words, str(found), str(seeds)]


def fuzz(program, work):
    """True when nothing was found; prints one line, or all there is to know about a finding."""
    name = program.name
    for old in (work / "crashes").glob(f"{name}-*"):
        old.unlink()
    seeds = write_seeds(name, work / "seeds" / name)
    words = command(program, work)
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=3 * SECONDS + 120,
                              check=False)
        said, status = done.stdout.decode(errors="replace"), done.returncode
    except subprocess.TimeoutExpired as late:
        said, status = (late.stdout or b"").decode(errors="replace"), "did not end"
    runs = re.findall(r"stat::number_of_executed_units:\s+(\d+)", said)
    coverage = re.findall(r"cov: (\d+)", said)
    if status == 0 and runs and int(runs[-1]) > 0:
        print(f"ok      {name}: {int(runs[-1]):,} runs, {seeds} seeds, {coverage[-1] if coverage else 0} edges in "
              f"{seconds_for(name)} s", flush=True)
        return True
    lines = [f"FAILED  {name}: status {status}", *said.splitlines()[-60:]]
    for crash in sorted((work / "crashes").glob(f"{name}-*")):
        lines += [f"input {crash} in base64:", base64.b64encode(crash.read_bytes()).decode()]
    print("\n".join(lines), flush=True)
    return False


def main(folder, wanted):
    programs = [path for path in sorted(pathlib.Path(folder).resolve().glob("*_fuzz"))
                if not wanted or any(word in path.name for word in wanted)]
    programs.sort(key=lambda program: -seconds_for(program.name))
    work = pathlib.Path(folder).resolve().parent / "fuzz"
    with concurrent.futures.ThreadPoolExecutor(max(1, JOBS)) as pool:
        good = list(pool.map(lambda program: fuzz(program, work), programs))
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed, 0 skipped")
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
