"""What holds for every source file, checked without building."""

import pathlib
import re
import shutil
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST_LINES = 400
MOST_README_LINES = 120
TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "ARCHITECTURE.md", "CONTRIBUTING.md",
             "CHANGELOG.md", "SECURITY.md", "domain", "usecase", "adapters", "infra", "app", "tests", "config"}
OPEN_ENDS = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b|not imple" r"mented|DISAB" r"LED_")


def tracked(*patterns):
    """Tracked files that match, as paths relative to the root; in a tree without git, all of them."""
    listing = subprocess.run(["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True)
    if listing.returncode == 0:
        return [path for path in listing.stdout.splitlines() if (ROOT / path).is_file()]
    return sorted({file.relative_to(ROOT).as_posix() for pattern in patterns for file in ROOT.rglob(pattern)
                   if "build" not in file.parts and "node_modules" not in file.parts and file.is_file()})


def scripts():
    return [path for path in tracked("*") if "." not in pathlib.Path(path).name
            and (ROOT / path).read_bytes().startswith(b"#!/usr/bin/env bash")]


class Sources(unittest.TestCase):
    def test_files_stay_small(self):
        long = {path: lines for path in tracked("*.cpp", "*.hpp", "*.py")
                if (lines := len((ROOT / path).read_bytes().splitlines())) > MOST_LINES}
        self.assertEqual(long, {}, f"over {MOST_LINES} lines; one concept, one file")

    def test_nothing_is_left_open(self):
        found = [f"{path}:{number}" for path in tracked("*.cpp", "*.hpp", "*.js", "*.mjs", "*.py", "*.txt", "*.cmake")
                 for number, line in enumerate((ROOT / path).read_text().splitlines(), 1) if OPEN_ENDS.search(line)]
        self.assertEqual(found, [])

    def test_the_top_level_stays_as_designed(self):
        strange = {path.split("/")[0] for path in tracked("*")} - TOP_LEVEL
        self.assertEqual({name for name in strange if not name.startswith(".")}, set())

    def test_every_layer_explains_itself(self):
        for layer in ("domain", "usecase", "adapters", "infra", "app", "tests", "config"):
            self.assertTrue((ROOT / layer / "README.md").is_file(), f"{layer}/README.md")

    def test_every_file_that_a_readme_names_exists(self):
        for readme in tracked("README.md", "*/README.md", "CONTRIBUTING.md", "SECURITY.md", "adapters/web/guide/*.md"):
            folder = (ROOT / readme).parent
            names = r"`([\w.][\w./-]*\.(?:hpp|cpp|py|toml|js|yaml|mjs|cmake))`"
            for name in re.findall(names, (ROOT / readme).read_text()):
                known = (folder / name).is_file() or (ROOT / name).is_file() or name == "tl/expected.hpp"
                self.assertTrue(known, f"{readme} names {name}")

    def test_every_link_of_a_document_leads_to_a_file(self):
        for document in tracked("*.md"):
            text = (ROOT / document).read_text()
            for target in re.findall(r"\]\((?!https?://|#)([^)#\s]+)(?:#[^)]*)?\)", text):
                self.assertTrue(((ROOT / document).parent / target).is_file(), f"{document} links to {target}")

    def test_the_readme_is_read_in_one_sitting(self):
        self.assertLessEqual(len((ROOT / "README.md").read_text().splitlines()), MOST_README_LINES)

    def test_the_guide_lists_every_setting(self):
        known = re.findall(r'KnownKey\{"([^"]+)", "([^"]*)"', (ROOT / "app/danwad/settings/known_keys.cpp").read_text())
        self.assertGreater(len(known), 20)
        guide = (ROOT / "adapters/web/guide/settings.md").read_text()
        listed = re.findall(r"^\| `([a-z_.]+)` \| (?:`(.*?)`)? \|", guide, re.MULTILINE)
        self.assertEqual(listed, known)

    def test_no_machine_or_registry_is_named(self):
        for path in tracked("package-lock.json", "*/package-lock.json"):
            self.assertNotIn('"resolved"', (ROOT / path).read_text(), path)

    @unittest.skipUnless(shutil.which("clang-format"), "clang-format is not installed")
    def test_cpp_is_formatted(self):
        version = subprocess.run(["clang-format", "--version"], capture_output=True, text=True).stdout
        if "version 14." not in version:
            self.skipTest(f"made for clang-format 14, not {version.strip()}")
        files = tracked("*.cpp", "*.hpp")
        command = ["clang-format", "--dry-run", "-Werror", *files]
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        wrong = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", found.stderr, re.MULTILINE)))
        self.assertEqual(wrong, [], "run clang-format -i on these")

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_scripts_are_clean(self):
        found = subprocess.run(["shellcheck", *scripts()], cwd=ROOT, capture_output=True, text=True)
        self.assertEqual(found.stdout, "")


if __name__ == "__main__":
    unittest.main()
