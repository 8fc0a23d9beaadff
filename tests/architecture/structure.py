#!/usr/bin/env python3
"""structure.py [ROOT]: how the product's sources hang together. Prints each complaint as `file:line: reason`.

The product is the C++ under the five layers. Each rule is a function of a Tree that yields complaints;
`structure_test.py` runs them on this tree, and on small trees that break them."""

import collections
import os
import pathlib
import re
import statistics
import sys

import cpp_text

ROOT = pathlib.Path(os.environ.get("DANWA_ARCHITECTURE_ROOT", pathlib.Path(__file__).resolve().parents[2]))
LAYERS = ("domain", "usecase", "adapters", "infra", "app")
MOST_FILES = 460
LEAST_MEDIAN = 80  # lines
MOST_SINGLE = 0.12  # of the headers may have one includer besides their own source
EXPLAINED_FROM = 100  # lines
SPOKEN = {".hpp", ".cpp", ".py", ".sh", ".mjs", ".cmake", ".txt", ".toml", ".md", ".yaml", ""}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
ANY_INCLUDE = re.compile(r"^\s*#\s*include\b")

# Words that the field does not know; each has a successor in the code.
FORMER_WORDS = frozenset("""
    ChatDoor HttpDoor Door DoorSignal ChatWish WatchWish PageWish ListingWish CommentWish Wish Hurry urge urged
    when_urged told_position tell_position news_wait NewsWatcher wait_for_news Standing Touches BatchFacts ChannelBook
    Witness WriteTurn Nap Wakeup StreamLane StreamLaneService CallLanes Mail Letter hand_out on_mail after_mail
    LookAtLog suspect shut_out expels may_shut_out Ending CallEnd WatchEnd WaitEnd EndWatch configure_room join_room
    leave_room RoomNeeds RoomsController room_of read_room RedisLink LinkService LinkWorker LinkSession LinkStream
    OtherNames""".split())

# Papers that are not in the repository: a reader cannot follow such a reference.
_PAPERS = "DESIGN|RELIABILITY|CAF|LIBRARIES|STYLE|HOUSE|FAULTS|CONTRACT|ENGINE"
FOREIGN_PAPER = re.compile(rf"\b(?:{_PAPERS})\.md\b|\b(?:DESIGN|RELIABILITY|LIBRARIES|HOUSE|FAULTS)\b"
                           rf"|\b(?:{_PAPERS}),? sections? \d|\b(?:STYLE|CONTRACT|ENGINE) \d")
SECTION = re.compile(r"\bsections? \d")
STANDARD = re.compile(r"\bRFC \d|[Ss]pecification|\bdraft\b|[A-Z]\w+\.md section")


class Tree:
    """The product's sources under `root`: path -> text."""

    def __init__(self, root=ROOT):
        self.root = root = pathlib.Path(root)
        files = [file for layer in LAYERS for file in sorted((root / layer).rglob("*"))]
        self.text = {file.relative_to(root).as_posix(): file.read_text() for file in files
                     if file.suffix in (".hpp", ".cpp")}

    def includes(self, path):
        """Our own headers that `path` includes; generated ones are not in the tree and do not count."""
        return [name for name in INCLUDE.findall(self.text[path]) if name in self.text]

    def lines(self, path):
        return self.text[path].count("\n")


def folder_of(path):
    return path.rsplit("/", 1)[0]


def components(graph):
    """The strongly connected components of `graph` (node -> nodes) with more than one node (Tarjan)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in sorted(graph[node]):
            if target not in index:
                visit(target)
            if target in stack:
                low[node] = min(low[node], low[target])
        if low[node] == index[node]:
            at = stack.index(node)
            found.append(sorted(stack[at:]))
            del stack[at:]

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return [part for part in found if len(part) > 1]


def folder_cycles(tree):
    """No folder needs itself by way of another."""
    graph, reasons = collections.defaultdict(set), {}
    for path in tree.text:
        graph[folder_of(path)].update()
        for name in tree.includes(path):
            if folder_of(name) != folder_of(path):
                graph[folder_of(path)].add(folder_of(name))
                reasons.setdefault((folder_of(path), folder_of(name)), f"{path} includes {name}")
    for part in components(graph):
        inside = [reason for (a, b), reason in sorted(reasons.items()) if a in part and b in part]
        yield f"{part[0]}:1: a cycle of folders: {', '.join(part)}\n    " + "\n    ".join(inside)


def doubled_types(tree):
    """A class has one definition in the whole program: two of one name are undefined behaviour when both are linked."""
    places = collections.defaultdict(list)
    for path, text in tree.text.items():
        for scope in cpp_text.scopes(text):
            if scope.kind == "type" and scope.name and not scope.local:
                places[scope.name].append(f"{path}:{scope.line}")
    for name, where in sorted(places.items()):
        if len({place.split(":")[0] for place in where}) > 1:  # in one file the compiler finds it
            yield f"{where[0]}: {name} is defined {len(where)} times, also at {', '.join(where[1:])}"


def strange_namespaces(tree):
    """infra/<module> speaks in danwa::<module>; names of libraries may be declared or specialised beside it."""
    for path, text in tree.text.items():
        if not path.startswith("infra/"):
            continue
        home = f"danwa::{path.split('/')[1]}"
        for scope in cpp_text.scopes(text):
            if scope.local or scope.kind not in ("namespace", "type"):
                continue
            name = scope.name
            if scope.kind == "type" and scope.outer and "::" not in name and name:
                yield f"{path}:{scope.line}: {name} stands outside every namespace; its home is {home}"
            elif scope.kind == "namespace" and name.split("::")[0] == "danwa" and name != "danwa":
                if name != home and not name.startswith(home + "::"):
                    yield f"{path}:{scope.line}: namespace {name}; the home of this folder is {home}"


def sizes(tree):
    """Files are few and full."""
    if len(tree.text) > MOST_FILES:
        yield f"product:1: {len(tree.text)} files, {MOST_FILES} are enough"
    median = statistics.median(map(tree.lines, tree.text)) if tree.text else LEAST_MEDIAN
    if median < LEAST_MEDIAN:
        yield f"product:1: half of the files have {median:g} lines or fewer; {LEAST_MEDIAN} is the least median"


def single_includers(tree):
    """Headers that one other file alone includes, besides the source of the same name."""
    users = collections.defaultdict(set)
    for path in tree.text:
        for name in tree.includes(path):
            if path.removesuffix(".cpp") != name.removesuffix(".hpp"):
                users[name].add(path)
    return sorted((name, *used) for name, used in users.items() if len(used) == 1)


def lonely_headers(tree):
    """A header is for several readers; one that a single file needs belongs into it, more often than not."""
    headers = [path for path in tree.text if path.endswith(".hpp")]
    single = single_includers(tree)
    if headers and len(single) > MOST_SINGLE * len(headers):
        listing = "\n    ".join(f"{name}: only {user}" for name, user in single)
        yield (f"product:1: {len(single)} of {len(headers)} headers have one includer besides their own source, "
               f"{int(MOST_SINGLE * len(headers))} may\n    {listing}")


def former_words(tree):
    """The code uses the field's words."""
    for path, text in tree.text.items():
        for number, line in enumerate(cpp_text.code_of(text).splitlines(), 1):
            for word in FORMER_WORDS.intersection(re.findall(r"\w+", line)):
                yield f"{path}:{number}: {word} is a former word"


def foreign_papers(tree):
    """A comment cites only what a reader of the repository can open, or a published standard."""
    for path, text in tree.text.items():
        if FOREIGN_PAPER.search(text) or SECTION.search(text):
            knows_a_standard = STANDARD.search(cpp_text.comments_of(text))
            for number, block in cpp_text.comment_blocks(text):
                yield from papers_in(path, number, block, knows_a_standard)


def papers_in(path, number, block, knows_a_standard):
    for offset, line in enumerate(block.splitlines()):
        if FOREIGN_PAPER.search(line):
            yield f"{path}:{number + offset}: cites a paper that is not in the repository: {line}"
        elif SECTION.search(line) and not knows_a_standard:
            yield f"{path}:{number + offset}: a section of what? {line}"


def foreign_papers_elsewhere(root):
    """The same for tests and configuration, whatever language they are in."""
    for top in ("tests", "config"):
        for file in sorted((pathlib.Path(root) / top).rglob("*")):
            path = file.relative_to(root).as_posix()
            # The tests of this folder name them to find them.
            passed_over = path.startswith("tests/architecture/") or "node_modules" in file.parts
            if passed_over or not file.is_file() or file.suffix not in SPOKEN:
                continue
            for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
                if FOREIGN_PAPER.search(line):
                    yield f"{path}:{number}: cites a paper that is not in the repository: {line.strip()}"


def unexplained(tree):
    """A long source says its idea before its first function."""
    for path, text in tree.text.items():
        if path.endswith(".cpp") and tree.lines(path) > EXPLAINED_FROM and not explains_itself(text):
            yield f"{path}:1: {tree.lines(path)} lines without two lines of comment before the first function"


def explains_itself(text):
    lines = text.splitlines()
    begin = max((number for number, line in enumerate(lines, 1) if ANY_INCLUDE.match(line)), default=0)
    first = next((scope.line for scope in cpp_text.scopes(text) if scope.kind == "function"), len(lines))
    return any(block.count("\n") >= 1 and number < first and number <= begin + 60
               for number, block in cpp_text.comment_blocks(text))


RULES = (folder_cycles, doubled_types, strange_namespaces, sizes, lonely_headers, former_words, foreign_papers,
         unexplained)


def main():
    tree = Tree(sys.argv[1] if len(sys.argv) > 1 else ROOT)
    complaints = [(rule, complaint) for rule in RULES for complaint in rule(tree)]
    complaints += [(foreign_papers_elsewhere, complaint) for complaint in foreign_papers_elsewhere(tree.root)]
    for rule, complaint in complaints:
        print(f"{rule.__name__}: {complaint}")
    print(f"{len(tree.text)} files, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
