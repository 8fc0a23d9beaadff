"""What tidy.py looks at, and what it makes of a compiler's command line; clang-tidy itself is forged."""

import contextlib
import io
import json
import os
import pathlib
import subprocess
import tempfile
import unittest
from unittest import mock

import tidy

FLAGS = ("/usr/bin/c++ -I/b/include -O0 -fsanitize=address -include /c/layer.hpp -isystem /d -DX=1 -Wall -std=c++20 "
         "-o a.o -c")


class Tidy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit({"domain/a.hpp": "1", "domain/a.cpp": "1", "domain/b.cpp": "1", "tests/a.cpp": "1"})

    def git(self, *arguments):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments], cwd=self.root,
                       check=True, capture_output=True)

    def write(self, files):
        for path, text in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)

    def commit(self, files):
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "-m", "x")

    def test_the_last_commit_counts_where_nothing_was_published(self):
        self.commit({"domain/b.cpp": "2", "tests/a.cpp": "2", "README.md": "2"})
        self.assertEqual(tidy.changed_sources(self.root), ["domain/b.cpp"])

    def test_all_since_the_published_commit_counts(self):
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.commit({"domain/b.cpp": "2"})
        self.commit({"infra/x/c.cpp": "2", "infra/x/only.hpp": "2"})
        self.write({"domain/a.hpp": "2"})
        self.assertEqual(tidy.changed_sources(self.root), ["domain/a.cpp", "domain/b.cpp", "infra/x/c.cpp"])

    def test_a_published_head_counts_as_its_last_commit(self):
        self.commit({"domain/b.cpp": "2"})
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.assertEqual(tidy.changed_sources(self.root), ["domain/b.cpp"])

    def test_flags_for_clang(self):
        self.assertEqual(tidy.flags_of(FLAGS + " x.cpp"),
                         ["-I/b/include", "-include", "/c/layer.hpp", "-isystem", "/d", "-DX=1", "-std=c++20"])

    def configure(self):
        unity = "build/dev/x.dir/Unity/unity_0.cxx"
        self.write({unity: "".join(f'#include "{self.root}/domain/{name}.cpp"\n' for name in "ab")})
        entries = [{"directory": "/", "file": str(self.root / file), "command": f"{FLAGS} {file}"}
                   for file in (unity, "tests/a.cpp")]
        self.write({"build/dev/compile_commands.json": json.dumps(entries)})

    def test_united_sources_are_known_one_by_one(self):
        self.configure()
        known = tidy.commands(self.root, tidy.database_of(self.root))
        self.assertEqual(sorted(known), ["domain/a.cpp", "domain/b.cpp"])
        self.assertIn("-std=c++20", known["domain/a.cpp"])

    def run_forged(self, script, *arguments):
        self.write({"bin/clang-tidy": f"#!/bin/sh\n{script}\n"})
        (self.root / "bin/clang-tidy").chmod(0o755)
        said = io.StringIO()
        path = {"PATH": f"{self.root}/bin:{os.environ['PATH']}"}
        with mock.patch.dict(os.environ, path), contextlib.redirect_stdout(said):
            status = tidy.main(["--root", str(self.root), *arguments])
        return status, said.getvalue()

    def test_a_complaint_about_our_own_file_fails(self):
        self.configure()
        ours = f"echo {self.root}/domain/a.hpp:3:1: warning: bad [x]; echo /usr/include/y.h:1:1: warning: bad [x]"
        status, said = self.run_forged(ours, "--all")
        self.assertEqual((status, said.splitlines()),
                         (1, ["domain/a.hpp:3: bad [x]", "clang-tidy: 2 sources, 1 complaints"]))
        self.assertEqual(self.run_forged("exit 0", "--all")[0], 0)

    def test_a_source_that_clang_cannot_read_is_only_told(self):
        self.configure()
        theirs = f"echo '{self.root}/domain/a.cpp:3:1: error: no [clang-diagnostic-error]'"
        status, said = self.run_forged(theirs, "--all")
        self.assertEqual(status, 0)
        self.assertIn("cannot read 1 places", said)

    def test_the_time_is_bounded(self):
        self.configure()
        status, said = self.run_forged("exec sleep 30", "--all", "--seconds", "0.2")
        self.assertEqual(status, 0)
        self.assertIn("2 not reached in 0.2 s: domain/a.cpp domain/b.cpp", said)

    def test_without_a_build_it_says_so(self):
        status, said = self.run_forged("exit 1")
        self.assertEqual((status, said), (0, "clang-tidy: skipped, nothing was configured yet\n"))


if __name__ == "__main__":
    unittest.main()
