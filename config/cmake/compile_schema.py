#!/usr/bin/env python3
"""compile_schema.py OUTPUT FUNCTION SDL...: compiles a GraphQL schema into C++.

Reads the type definitions of all the files together and writes a source with `const Schema& FUNCTION()`. A wrong schema
is one message a line, and no output. The last file is the schema of the program; those before it hold what every schema
has.
"""

import pathlib
import sys

from graphql_sdl import SchemaError, read_schema


def text(value):
    """A C++ literal; octal escapes end by themselves, and no string needs a `?` escaped."""
    printable = "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03o}"
                        for byte in value.encode())
    return f'"{printable}"'


def optional(value):
    return "std::nullopt" if value is None else text(value)


def braces(items):
    return "{" + ", ".join(items) + "}"


def names_of(names):
    return braces(f"std::string{{{text(name)}}}" for name in names)


def type_ref(of_type):
    inner, required = of_type
    is_list = not isinstance(inner, str)
    return f"TypeRef{{{text('' if is_list else inner)}, {braces([type_ref(inner)] if is_list else [])}, " \
           f"{'true' if required else 'false'}, 0}}"


def value(given):
    kind, of_leaf, items, fields = given
    pairs = braces(f"Argument{{{text(name)}, {value(inner)}, 0}}" for name, inner in fields)
    return f"Value{{Value::Kind::{kind}, {text(of_leaf)}, {braces(map(value, items))}, {pairs}, 0}}"


def inputs(definitions):
    return braces(f"InputDefinition{{{text(each['name'])}, {text(each['description'])}, {type_ref(each['type'])}, "
                  f"{'std::nullopt' if each['default'] is None else value(each['default'])}, "
                  f"{optional(each['deprecated'])}}}" for each in definitions)


def type_function(place, read):
    """The source of a function that builds one type: smaller functions compile faster than one large."""
    lines = [f"  type.kind = TypeKind::{read['kind']};", f"  type.name = {text(read['name'])};",
             f"  type.description = {text(read['description'])};", f"  type.interfaces = {names_of(read['interfaces'])};",
             f"  type.members = {names_of(read['members'])};", f"  type.input_fields = {inputs(read['inputs'])};"]
    if read["specified_by"] is not None:
        lines.append(f"  type.specified_by = {text(read['specified_by'])};")
    for each in read["fields"]:
        lines.append(f"  type.fields.push_back({{{text(each['name'])}, {text(each['description'])}, "
                     f"{inputs(each['inputs'])}, {type_ref(each['type'])}, {optional(each['deprecated'])}}});")
    for each in read["values"]:
        lines.append(f"  type.values.push_back({{{text(each['name'])}, {text(each['description'])}, "
                     f"{optional(each['deprecated'])}}});")
    return "\n".join([f"TypeDefinition type_{place}() {{", "  TypeDefinition type;", *lines, "  return type;", "}", ""])


def cpp(function, types, directives, roots, description):
    """The source."""
    functions = "\n".join(type_function(place, each) for place, each in enumerate(types))
    added = "\n".join(f"  schema.types.push_back(type_{place}());" for place in range(len(types)))
    tables = "\n".join(
        f"  schema.directives.push_back({{{text(each['name'])}, {text(each['description'])}, {inputs(each['inputs'])}, "
        f"{names_of(each['locations'])}, {'true' if each['repeatable'] else 'false'}}});" for each in directives)
    operations = "\n".join(f"  schema.roots.emplace(OperationType::{operation}, {text(name)});"
                           for operation, name in roots.items())
    return f"""// Written by config/cmake/compile_schema.py.
#include "adapters/protocol/graphql/schema.hpp"

namespace danwa::adapters::graphql {{

const Schema& {function}();

namespace {{

{functions}
SchemaDefinition definition_of_{function}() {{
  SchemaDefinition schema;
  schema.description = {text(description)};
{added}
{tables}
{operations}
  return schema;
}}

}}  // namespace

const Schema& {function}() {{
  static const Schema schema{{definition_of_{function}()}};
  return schema;
}}

}}  // namespace danwa::adapters::graphql
"""


def main():
    output, function, *files = sys.argv[1:]
    try:
        schema = read_schema(*(pathlib.Path(file).read_text(encoding="utf-8") for file in files))
    except SchemaError as error:
        print("\n".join(f"{files[-1]}: {line}" for line in str(error).splitlines()), file=sys.stderr)
        return 1
    pathlib.Path(output).write_text(cpp(function, *schema), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
