#!/usr/bin/env python3
"""tidy.py [--all] [--root ROOT] [--seconds N] [FILE...]: clang-tidy 14 with the settings of .clang-tidy.

Without --all and files it looks at the sources that changed since the last commit that is on origin/main (on main
itself: since HEAD~1), for at most 45 s, and names those that it did not reach. A changed header is seen through the
source of its name. Needs a build directory with compile_commands.json; without one it says so and ends with 0."""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAYERS = ("domain", "usecase", "adapters", "infra", "app")
BUILDS = ("single", "dev", "release")  # the first that is there
UNITED = re.compile(r'^#include "([^"]+\.cpp)"', re.MULTILINE)
KEPT = ("-I", "-D", "-std=")  # flags that clang needs to know; the others are for g++ or for the machine code
KEPT_WITH_VALUE = ("-I", "-D", "-isystem", "-include")
# clang 14 has coroutines, but neither libstdc++ 12 nor Boost.Asio believes it.
COROUTINES = ("-D__cpp_impl_coroutine=201902L", "-DBOOST_ASIO_HAS_CO_AWAIT=1", "-DBOOST_ASIO_HAS_STD_COROUTINE=1")
WARNING = re.compile(r"^(/\S+?):(\d+):\d+: (?:warning|error): (.*)$", re.MULTILINE)


def git(root, *arguments):
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def base_commit(root):
    """The commit whose state counts as unchanged; '' where there is none."""
    head = git(root, "rev-parse", "HEAD")
    base = git(root, "merge-base", "HEAD", "origin/main")
    return base if base and base != head else git(root, "rev-parse", "--verify", "--quiet", "HEAD~1")


def changed_sources(root):
    """Sources that differ from the base commit, or whose header does; committed or not."""
    base = base_commit(root)
    if not base:
        return []
    names = git(root, "diff", "--name-only", "--diff-filter=d", base, "--", *(f"{layer}/*" for layer in LAYERS))
    sources = {re.sub(r"\.hpp$", ".cpp", name) for name in names.splitlines() if name.endswith((".cpp", ".hpp"))}
    return sorted(name for name in sources if (root / name).is_file())


def flags_of(command):
    """What clang must know of a compiler's command line."""
    words, kept, at = shlex.split(command)[1:], [], 0
    while at < len(words):
        if words[at] in KEPT_WITH_VALUE:
            kept += words[at:at + 2]
            at += 1
        elif words[at].startswith(KEPT):
            kept.append(words[at])
        at += 1
    return kept


def commands(root, database):
    """source -> flags, for every product source that `database` compiles, by itself or united with others."""
    found = {}
    for entry in json.loads(database.read_text()):
        file = pathlib.Path(entry["directory"], entry["file"])
        united = "Unity" in file.parts and file.is_file()
        for source in UNITED.findall(file.read_text()) if united else [str(file)]:
            path = pathlib.Path(source)
            if path.is_relative_to(root) and path.relative_to(root).parts[0] in LAYERS:
                found.setdefault(path.relative_to(root).as_posix(), flags_of(entry["command"]))
    return found


def database_of(root):
    """compile_commands.json of the first preset that was configured; None without one."""
    paths = (root / "build" / build / "compile_commands.json" for build in BUILDS)
    return next((path for path in paths if path.is_file()), None)


def complaints_in(root, output):
    """Warnings about our own files, each once; a header is seen from several sources."""
    found = set()
    for path, line, text in WARNING.findall(output):
        path = pathlib.Path(os.path.normpath(path))
        if path.is_relative_to(root) and path.relative_to(root).parts[0] in LAYERS:
            found.add(f"{path.relative_to(root)}:{line}: {text}")
    return found


def unreadable(complaints):
    """Those of a source that clang 14 does not understand; whether it compiles is for g++ to say."""
    return {complaint for complaint in complaints if complaint.endswith("[clang-diagnostic-error]")}


def tell(complaints, told):
    """Prints those that were not told before, at once: the whole tree takes an hour."""
    for complaint in sorted(complaints - told):
        print(complaint, flush=True)
    told |= complaints


def look_at(root, source, flags, deadline):
    """(complaints, reached) of one source."""
    left = deadline - time.monotonic()
    if left <= 0:
        return set(), False
    command = ["clang-tidy", "--quiet", str(root / source), "--", "-x", "c++", "-Wno-everything", *COROUTINES, *flags]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=left)
    except subprocess.TimeoutExpired:
        return set(), False
    return complaints_in(root, done.stdout + done.stderr), True


def look(root, known, sources, seconds):
    """Prints what clang-tidy says of `sources`; exit status 0 when that is nothing."""
    deadline = time.monotonic() + seconds
    found, missed, told = set(), [], set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        looks = pool.map(lambda source: look_at(root, source, known[source], deadline), sources)
        for source, (new, reached) in zip(sources, looks):
            tell(new - unreadable(new), told)
            found |= new
            missed += [] if reached else [source]
    complaints = found - unreadable(found)
    if unreadable(found):
        print(f"clang-tidy: clang 14 cannot read {len(unreadable(found))} places, such as {min(unreadable(found))}")
    if missed:
        print(f"clang-tidy: {len(missed)} not reached in {seconds:g} s: {' '.join(missed)}")
    print(f"clang-tidy: {len(sources) - len(missed)} sources, {len(complaints)} complaints")
    return 1 if complaints else 0


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="the whole tree, however long it takes")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    parser.add_argument("--seconds", type=float, default=None)
    parser.add_argument("files", nargs="*", metavar="FILE")
    options = parser.parse_args(arguments)
    root, database = options.root.resolve(), database_of(options.root.resolve())
    if not shutil.which("clang-tidy") or database is None:
        print(f"clang-tidy: skipped, {'nothing was configured yet' if shutil.which('clang-tidy') else 'not installed'}")
        return 0
    known = commands(root, database)
    wanted = options.files or (known if options.all else changed_sources(root))
    unknown = [source for source in wanted if source not in known]
    if unknown:
        print(f"clang-tidy: {database.relative_to(root)} does not know {' '.join(unknown)}")
    seconds = options.seconds or (4 * 3600 if options.all or options.files else 45)
    return look(root, known, sorted(source for source in wanted if source in known), seconds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
