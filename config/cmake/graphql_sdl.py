"""GraphQL's type definitions (specification, section 3, without extensions), read and checked."""

import json
import re

TOKEN = re.compile(r'''[\s,\ufeff]*(?:\#[^\r\n]*[\s,\ufeff]*)*(?:
    (?P<punctuator>\.\.\.|[!$&():=@\[\]{}|])
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![A-Za-z0-9_.])
  | """(?P<block>(?:\\"""|(?!""").)*)"""
  | (?P<string>"(?:[^"\\\r\n]|\\.)*")
  | (?P<end>\Z))''', re.VERBOSE | re.DOTALL)
OPERATIONS = ("query", "mutation", "subscription")
KINDS = {"scalar": "scalar", "type": "object", "interface": "interface", "union": "union_", "enum": "enumeration",
         "input": "input_object"}


class SchemaError(Exception):
    """All that is wrong with a schema, a message a line."""


def tokenize(text):
    """The tokens as pairs (kind, text); the last one is ("end", "")."""
    tokens, at = [], 0
    while not tokens or tokens[-1][0] != "end":
        match = TOKEN.match(text, at)
        if not match:
            line = text.count("\n", 0, at) + 1
            raise SchemaError(f"Syntax error in line {line}: no token begins at or behind {text[at:at + 20]!r}.")
        tokens.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
    return tokens


def block_text(raw):
    """The value of a block string (specification, section 2.9.4)."""
    lines = raw.replace('\\"""', '"""').splitlines()
    indents = [len(line) - len(line.lstrip(" \t")) for line in lines[1:] if line.strip(" \t")]
    lines[1:] = [line[min(indents, default=0):] for line in lines[1:]]
    while lines and not lines[-1].strip(" \t"):
        lines.pop()
    while lines and not lines[0].strip(" \t"):
        lines.pop(0)
    return "\n".join(lines)


class Reader:
    """The grammar of type definitions, a method a rule. Definitions are dicts, types are pairs and names."""

    def __init__(self, text):
        self.tokens = tokenize(text)
        self.next = 0
        self.types, self.directives, self.roots, self.description = [], [], {}, ""
        while self.tokens[self.next][0] != "end":
            self.definition()

    def take(self, *texts):
        kind, text = self.tokens[self.next]
        if kind not in ("punctuator", "name") or text not in texts:
            return None
        self.next += 1
        return text

    def fail(self, wanted):
        kind, text = self.tokens[self.next]
        shown = {"end": "the end", "string": "a string", "block": "a string"}.get(kind, text)
        raise SchemaError(f"Syntax error: {shown} is not expected here, but {wanted}.")

    def expect(self, text):
        if not self.take(text):
            self.fail(text)

    def name(self):
        kind, text = self.tokens[self.next]
        if kind != "name":
            self.fail("a name")
        self.next += 1
        return text

    def text(self):
        kind, text = self.tokens[self.next]
        if kind not in ("string", "block"):
            return ""
        self.next += 1
        return block_text(text) if kind == "block" else json.loads(text)  # GraphQL's escapes are JSON's

    def many(self, opening, closing, item):
        """[item...] in brackets, at least one; empty without an opening bracket."""
        found = []
        if not self.take(opening):
            return found
        while not (found and self.take(closing)):
            if self.tokens[self.next][0] == "end":
                self.fail(closing)
            found.append(item())
        return found

    def separated(self, separator):
        self.take(separator)
        names = [self.name()]
        while self.take(separator):
            names.append(self.name())
        return names

    def definition(self):
        description = self.text()
        word = self.take("schema", "directive", *KINDS)
        if word == "schema":
            self.description = description
            self.applied()
            self.many("{", "}", self.root)
        elif word == "directive":
            self.expect("@")
            self.directives.append({"name": self.name(), "description": description, "inputs": self.inputs("(", ")"),
                                    "repeatable": bool(self.take("repeatable")), "locations": self.locations()})
        elif word:
            self.type_definition(KINDS[word], description)
        else:
            self.fail("a definition of a type")

    def root(self):
        operation = self.name()
        self.expect(":")
        self.roots[operation] = self.name()

    def locations(self):
        self.expect("on")
        return sorted(self.separated("|"))

    def type_definition(self, kind, description):
        read = {"kind": kind, "name": self.name(), "description": description, "interfaces": [], "fields": [],
                "members": [], "values": [], "inputs": []}
        if self.take("implements"):
            read["interfaces"] = self.separated("&")
        read["specified_by"] = self.applied().get("specifiedBy", {}).get("url")
        if kind in ("object", "interface"):
            read["fields"] = self.many("{", "}", self.field)
        elif kind == "union_":
            self.expect("=")
            read["members"] = self.separated("|")
        elif kind == "enumeration":
            read["values"] = self.many("{", "}", self.enum_value)
        elif kind == "input_object":
            read["inputs"] = self.inputs("{", "}")
        self.types.append(read)

    def field(self):
        read = {"description": self.text(), "name": self.name(), "inputs": self.inputs("(", ")")}
        self.expect(":")
        return read | {"type": self.type(), "deprecated": self.deprecation()}

    def inputs(self, opening, closing):
        return self.many(opening, closing, self.input)

    def input(self):
        read = {"description": self.text(), "name": self.name()}
        self.expect(":")
        read["type"] = self.type()
        read["default"] = self.value() if self.take("=") else None
        return read | {"deprecated": self.deprecation()}

    def enum_value(self):
        return {"description": self.text(), "name": self.name(), "deprecated": self.deprecation()}

    def type(self):
        """(name or the item's type, whether it ends with an exclamation mark)"""
        if self.take("["):
            inner = self.type()
            self.expect("]")
        else:
            inner = self.name()
        return inner, bool(self.take("!"))

    def value(self):
        """(kind of Value, its text, items, fields as pairs)"""
        kind, text = self.tokens[self.next]
        if kind in ("string", "block"):
            return "string", self.text(), [], []
        if self.take("["):
            items = []
            while not self.take("]"):
                items.append(self.value())
            return "list", "", items, []
        if self.take("{"):
            fields = []
            while not self.take("}"):
                name = self.name()
                self.expect(":")
                fields.append((name, self.value()))
            return "object", "", [], fields
        if kind not in ("name", "number"):
            self.fail("a value")
        self.next += 1
        if kind == "number":
            return "integer" if text.lstrip("-").isdigit() else "floating", text, [], []
        return {"true": "boolean", "false": "boolean", "null": "null"}.get(text, "enumeration"), text, [], []

    def applied(self):
        """The directives of a definition: name -> {argument: text of its value}."""
        found = {}
        while self.take("@"):
            name = self.name()
            found[name] = dict(self.many("(", ")", self.argument))
        return found

    def argument(self):
        name = self.name()
        self.expect(":")
        return name, self.value()[1]

    def deprecation(self):
        given = self.applied().get("deprecated")
        return None if given is None else given.get("reason", "No longer supported")


def named(of_type):
    return of_type[0] if isinstance(of_type[0], str) else named(of_type[0])


class Check:
    """What definitions must be beyond their grammar. `messages` holds every fault."""

    def __init__(self, types, directives, roots):
        self.messages = []
        self.types = {}
        for each in types:
            if self.types.setdefault(each["name"], each) is not each:
                self.messages.append(f"The type {each['name']} is defined twice.")
        self.unique(directives, "The directive @{}")
        for directive in directives:
            self.check_inputs("@" + directive["name"], directive["inputs"])
        for each in types:
            self.check_type(each)
        if "query" not in roots:
            self.messages.append("There is no query type.")
        for operation, name in roots.items():
            self.require(operation, name, "object")

    def unique(self, definitions, shown):
        seen = set()
        for each in definitions:
            if each["name"] in seen:
                self.messages.append(shown.format(each["name"]) + " is defined twice.")
            seen.add(each["name"])

    def check_type(self, read):
        name = read["name"]
        self.unique(read["fields"], f"The field {name}.{{}}")
        self.unique(read["values"], f"The value {name}.{{}}")
        for field in read["fields"]:
            where = f"{name}.{field['name']}"
            if self.kind(where, named(field["type"])) == "input_object":
                self.messages.append(f"The field {where} gives an input object.")
            self.check_inputs(where, field["inputs"])
        self.check_inputs(name, read["inputs"])
        for member in read["members"]:
            self.require(name, member, "object")
        for interface in read["interfaces"]:
            if self.require(name, interface, "interface"):
                mine = {field["name"] for field in read["fields"]}
                self.messages += [f"The type {name} lacks the field {field['name']} of {interface}."
                                  for field in self.types[interface]["fields"] if field["name"] not in mine]
        if read["kind"] in ("object", "interface", "input_object") and not read["fields"] + read["inputs"]:
            self.messages.append(f"The type {name} has no fields.")

    def check_inputs(self, where, inputs):
        self.unique(inputs, f"The input {where}.{{}}")
        for each in inputs:
            place = f"{where}.{each['name']}"
            if self.kind(place, named(each["type"])) in ("object", "interface", "union_"):
                self.messages.append(f"The input {place} is of an output type.")

    def kind(self, where, name):
        if name not in self.types:
            self.messages.append(f"{where} names the unknown type {name}.")
        return self.types.get(name, {}).get("kind")

    def require(self, where, name, kind):
        found = self.kind(where, name)
        if found not in (None, kind):
            self.messages.append(f"The type {name} does not fit where {where} names it.")
        return found == kind


def read_schema(*texts):
    """(types, directives, roots, description). Raises SchemaError."""
    readers = [Reader(text) for text in reversed(texts)]
    own = readers[0]
    types = [each for reader in readers for each in reader.types]
    directives = [each for reader in readers for each in reader.directives]
    names = {each["name"] for each in types}
    roots = own.roots or {each: each.capitalize() for each in OPERATIONS if each.capitalize() in names}
    messages = Check(types, directives, roots).messages
    if messages:
        raise SchemaError("\n".join(messages))
    for each in types:  # an interface knows the objects that implement it
        if each["kind"] == "interface":
            each["members"] = [of["name"] for of in types if of["kind"] == "object" and each["name"] in of["interfaces"]]
    return types, directives, roots, own.description
