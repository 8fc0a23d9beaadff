"""ARCHITECTURE.md, CONTRIBUTING.md, SECURITY.md and the READMEs name files and symbols that exist.

A name stands in backticks. A file is a path from the root or from the document's folder. A symbol is CamelCase, ends
with `()`, or holds `::`; it must be a word of the code, or of a test in another language. In the lives of a comment and
of a watch each symbol must stand in a file of its own step."""

import functools
import itertools
import os
import pathlib
import re
import tempfile
import unittest

import cpp_text

ROOT = pathlib.Path(os.environ.get("DANWA_ARCHITECTURE_ROOT", pathlib.Path(__file__).resolve().parents[2]))
TOP = ("domain", "usecase", "adapters", "infra", "app", "tests", "config")
LIVES = ("The life of a comment", "The life of a watch")  # sections with a table of steps
MOST_FILES = 45  # of each of them
FILE_ENDS = (".hpp", ".cpp", ".py", ".toml", ".js", ".mjs", ".yaml", ".cmake", ".proto", ".graphql", ".md")
NOT_OURS = {"tl/expected.hpp", "danwad.toml", "danwa.toml"}  # a library's header; files of those who run a node
SPOKEN = {".hpp", ".cpp", ".py", ".mjs", ".js", ".proto", ".graphql", ".yaml", ".cmake", ".txt"}
QUOTED = re.compile(r"`([^`\n]+)`")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"(?:\./)?[\w.*{},-]+(?:/[\w.*{},-]+)*/?")
SYMBOL = re.compile(r"[A-Za-z_]\w*(?:::~?[A-Za-z_]\w*)*(?:\(\))?")
CAMEL = re.compile(r"[A-Z]\w*[a-z]\w*")
ELSEWHERE = ("std::", "boost::")
NO_SYMBOLS = {"CamelCase"}  # names of spellings


def quoted(text):
    """(line, name) of everything in backticks, code blocks left out."""
    text = FENCED.sub(lambda block: re.sub(r"[^\n]", " ", block.group()), text)
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("    "):
            for name in QUOTED.findall(line):
                yield number, name


def is_path(name):
    if not PATH.fullmatch(name) or name in NOT_OURS:
        return False
    return name.endswith(FILE_ENDS) or "/" in name and name.removeprefix("./").split("/")[0] in TOP


def is_symbol(name):
    if not SYMBOL.fullmatch(name) or name.startswith(ELSEWHERE) or name in NO_SYMBOLS:
        return False
    return name.endswith("()") or "::" in name or CAMEL.fullmatch(name) is not None


def expanded(name):
    """`a/{b,c}.hpp` as its two paths."""
    parts = [part.strip("{}").split(",") if part.startswith("{") else [part] for part in re.split(r"(\{[^}]*\})", name)]
    return ["".join(choice) for choice in itertools.product(*parts)]


def exists(root, folder, name):
    """From the root, or from the document's folder; a name without a folder may stand anywhere below that."""
    def matches(path):
        path = path.removeprefix("./").rstrip("/")
        below = [folder] if "/" not in path and folder != root else []
        return any(list(base.glob(path)) for base in (root, folder)) or any(list(base.rglob(path)) for base in below)

    return all(matches(path) for path in expanded(name))


class Words:
    """The words of the sources under `root`; of C++ without its comments."""

    def __init__(self, root):
        self.root = root
        files = [file for top in TOP for file in sorted((root / top).rglob("*")) if file.suffix in SPOKEN
                 and "node_modules" not in file.parts and file.name != pathlib.Path(__file__).name]
        self.of_file = {file.relative_to(root).as_posix(): self.words_in(file) for file in files if file.is_file()}

    @staticmethod
    def words_in(file):
        text = file.read_text(errors="replace")
        if file.suffix in (".hpp", ".cpp"):
            text = cpp_text.without_comments(text)
        return frozenset(re.findall(r"\w+", text))

    def knows(self, symbol, files=None):
        """Whether all parts of `symbol` stand in one file; `files`: of these, with the twin of each."""
        parts = set(re.findall(r"\w+", symbol))
        if files is None:
            return any(parts <= words for words in self.of_file.values())
        twins = {file.rsplit(".", 1)[0] for file in files}
        return any(parts <= words for file, words in self.of_file.items() if file.rsplit(".", 1)[0] in twins)


@functools.lru_cache(maxsize=None)
def words_of(root):
    return Words(root)


def documents(root):
    names = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md", *(f"{top}/README.md" for top in TOP),
             *(file.relative_to(root).as_posix() for file in sorted((root / "tests").rglob("*/README.md")))]
    return [root / name for name in dict.fromkeys(names) if (root / name).is_file() and "node_modules" not in name]


def wrong_names(root, document):
    """Complaints about the names in one document."""
    place = document.relative_to(root).as_posix()
    for number, name in quoted(document.read_text()):
        if is_path(name):
            if not exists(root, document.parent, name):
                yield f"{place}:{number}: there is no {name}"
        elif is_symbol(name) and not words_of(root).knows(name):
            yield f"{place}:{number}: nothing is called {name}"


def section(text, title):
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found.group(1) if found else ""


def steps(text):
    """(number, files, symbols) of each row of the table in `text`."""
    for number, row in re.findall(r"^\| (\d+) \| (.*)$", text, re.MULTILINE):
        names = QUOTED.findall(row)
        yield int(number), [name for name in names if is_path(name)], [name for name in names if is_symbol(name)]


def wrong_life(root, text, title):
    """Complaints about the section `title`."""
    life = section(text, title)
    rows = list(steps(life))
    if not rows:
        yield f"there are no steps in {title}"
    if [number for number, _, _ in rows] != list(range(1, len(rows) + 1)):
        yield f"the steps are not numbered in order: {[number for number, _, _ in rows]}"
    files = {name for _, name in quoted(life) if is_path(name)}
    if len(files) > MOST_FILES:
        yield f"it names {len(files)} files, {MOST_FILES} are enough"
    for number, named, symbols in rows:
        if not named:
            yield f"step {number} names no file"
        for symbol in symbols:
            if not words_of(root).knows(symbol, named):
                yield f"step {number}: {symbol} is not in {' or '.join(named)}"


class Document(unittest.TestCase):
    def assert_none(self, complaints):
        if complaints:
            self.fail("\n".join([f"{len(complaints)} wrong names", *complaints]))

    def test_every_name_exists(self):
        self.assert_none([wrong for document in documents(ROOT) for wrong in wrong_names(ROOT, document)])

    def test_architecture_is_there(self):
        self.assertIn(ROOT / "ARCHITECTURE.md", documents(ROOT))

    def test_the_lives_of_a_comment_and_a_watch_can_be_followed(self):
        text = (ROOT / "ARCHITECTURE.md").read_text()
        self.assert_none([wrong for title in LIVES for wrong in wrong_life(ROOT, text, title)])


class Broken(unittest.TestCase):
    """A small tree, and documents that name what it does not have."""

    CODE = {"infra/net/port.hpp": "class OpenPort {\n  int listen_on();  // KnownFromComment\n};\n",
            "infra/net/port.cpp": "int OpenPort::listen_on() { return bind_it(); }\n",
            "tests/net_test.py": "class NetTest: pass\n"}

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write(self.CODE)

    def write(self, files):
        for path, text in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)

    def wrong(self, text, name="ARCHITECTURE.md"):
        self.write({name: text})
        return list(wrong_names(self.root, self.root / name))

    def test_what_exists_is_right(self):
        self.assertEqual(self.wrong("`infra/net/port.hpp` `infra/net/` `infra/{net/port,net}*` `OpenPort` `bind_it()` "
                                    "`OpenPort::listen_on` `NetTest` `std::vector` `Danwa-Position` `/v1/x.yaml`\n"
                                    "    `not/looked_at.hpp`\n```\n`Neither`\n```\n"), [])
        self.assertEqual(self.wrong("`net/port.cpp` `port.cpp`\n", "infra/README.md"), [])
        self.assertEqual(len(self.wrong("`net/port.hh.cpp` `gone.cpp`\n", "infra/README.md")), 2)

    def test_a_wrong_file_is_found(self):
        for name in ("infra/net/gone.hpp", "infra/gone/", "gone.md", "./tests/gone", "infra/net/{port,gone}.hpp"):
            self.assertEqual(self.wrong(f"one\n`{name}`\n"), [f"ARCHITECTURE.md:2: there is no {name}"])

    def test_a_wrong_symbol_is_found(self):
        for name in ("ClosedPort", "bind_them()", "OpenPort::close", "NetTest::listen_on", "KnownFromComment"):
            self.assertEqual(self.wrong(f"`{name}`\n"), [f"ARCHITECTURE.md:1: nothing is called {name}"])

    def life(self, *rows):
        table = "".join(f"| {row} |\n" for row in rows)
        return list(wrong_life(self.root, f"## A life\n\n{table}\n## Another\n\n| 7 | nothing | x |\n", "A life"))

    def test_a_life_in_order_is_right(self):
        self.assertEqual(self.life("1 | `infra/net/port.hpp` | `bind_it()`", "2 | `tests/net_test.py` | `NetTest`"), [])

    def test_a_life_out_of_order_is_found(self):
        self.assertEqual(len(self.life("1 | `infra/net/port.hpp` | x", "3 | `infra/net/port.hpp` | x")), 1)
        self.assertEqual(self.life("1 | nothing | x"), ["step 1 names no file"])
        self.assertEqual(list(wrong_life(self.root, "## Another\n", "A life")), ["there are no steps in A life"])

    def test_a_symbol_of_another_step_is_found(self):
        self.assertEqual(self.life("1 | `infra/net/port.hpp` | `NetTest`"),
                         ["step 1: NetTest is not in infra/net/port.hpp"])

    def test_a_long_life_is_found(self):
        rows = [f"{n} | `infra/net/f{n}.hpp` | x" for n in range(1, MOST_FILES + 2)]
        self.assertEqual(self.life(*rows), ["it names 46 files, 45 are enough"])


if __name__ == "__main__":
    unittest.main()
