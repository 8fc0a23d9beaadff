"""Reads C++ just well enough to ask about it: comments and literals told from code, scopes told by what opens them."""

import dataclasses
import functools
import re

TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)"
    r'|(?P<literal>R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9A-Za-z_])'(?:[^'\\\n]|\\.)+')",
    re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)
WORD = re.compile(r"[A-Za-z_]\w*|::|[{}();<>=:,\[\]]")


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


@functools.lru_cache(maxsize=None)
def split(text):
    """(code, comments): two texts with the lines of `text`; what is not of the kind is blank, literals in both."""
    code, comments, at = [], [], 0
    for match in TOKEN.finditer(text):
        between, found = text[at:match.start()], match.group()
        code += [between, _blank(found)]
        comments += [_blank(between), found if match.group("comment") else _blank(found)]
        at = match.end()
    return "".join([*code, text[at:]]), "".join([*comments, _blank(text[at:])])


def code_of(text):
    return split(text)[0]


def comments_of(text):
    return split(text)[1]


def without_comments(text):
    return TOKEN.sub(lambda match: _blank(match.group()) if match.group("comment") else match.group(), text)


def comment_blocks(text):
    """(line, text) of every run of lines that hold a comment."""
    block, begin = [], 0
    for number, line in enumerate([*comments_of(text).splitlines(), ""], 1):
        if line.strip():
            begin = begin if block else number
            block.append(line.strip())
        elif block:
            yield begin, "\n".join(block)
            block = []


@dataclasses.dataclass(frozen=True)
class Opened:
    """A scope that a file opens."""

    kind: str  # namespace, type, function, other
    name: str  # of a namespace or type: qualified, without the anonymous ones; else empty
    line: int
    local: bool  # inside an anonymous namespace, a function or an initializer
    outer: bool  # no named namespace and no type round it


def _without_templates(words):
    """`words` without `template <...>`, and whether one of them was `template <>`."""
    left, at, explicit = [], 0, False
    while at < len(words):
        if words[at] != "template" or at + 1 >= len(words) or words[at + 1] != "<":
            left.append(words[at])
            at += 1
            continue
        explicit = explicit or words[at + 2:at + 3] == [">"]
        depth, at = 1, at + 2
        while at < len(words) and depth:
            depth += (words[at] == "<") - (words[at] == ">")
            at += 1
    return left, explicit


def _type_name(words):
    """The name that `words` (what stands before a brace) define as a class or struct; '' for a specialisation."""
    words, explicit = _without_templates(words)
    key = next((at for at, word in enumerate(words) if word in ("class", "struct", "union")), None)
    if key is None or "enum" in words[:key] or "=" in words[:key] or "(" in words[:key]:
        return None
    at, depth, name = key + 1, 0, []
    while at < len(words) and (depth or words[at] in ("[", "alignas", "(")):  # attributes
        depth += (words[at] in "[(") - (words[at] in "])")
        at += 1
    while at < len(words) and (words[at] == "::" or (words[at] not in ("final", "<") and re.match(r"\w", words[at]))):
        if name and words[at] != "::" and name[-1] != "::":
            break  # a second name: a function that returns the type
        name.append(words[at])
        at += 1
    if explicit or words[at:at + 1] == ["<"]:
        return ""
    return "".join(name) if not words[at:] or words[at] in ("final", ":") else None


def _classify(words):
    """(kind, name) of the brace that follows `words`."""
    plain = [word for word in words if word != "inline"]
    if plain[:1] == ["namespace"]:
        return "namespace", "".join(plain[1:])
    name = _type_name(words)
    if name is not None:
        return "type", name
    if words == ["extern"]:
        return "linkage", ""
    first = next((at for at, word in enumerate(words) if word in ("(", "=")), None)
    is_function = first is not None and words[first] == "(" and "enum" not in words
    return ("function" if is_function else "other"), ""


@functools.lru_cache(maxsize=None)
def scopes(text):
    """Every scope that `text` opens, in order."""
    code = DIRECTIVE.sub(lambda match: _blank(match.group()), code_of(text))
    found, stack, words, line, seen = [], [], [], 1, 0
    for match in WORD.finditer(code):
        word = match.group()
        if word == ";":
            words = []
        elif word == "}":
            if stack:
                stack.pop()
            words = []
        elif word == "{":
            line += code.count("\n", seen, match.start())
            seen = match.start()
            kind, own = _classify(words)
            names = [name for _, name in stack if name]
            local = any(outer in ("function", "other") or (outer == "namespace" and not name) for outer, name in stack)
            name = "::".join([*names, own]) if own else ""
            found.append(Opened(kind, name, line, local, not names))
            stack.append((kind, own))
            words = []
        else:
            words.append(word)
    return tuple(found)
