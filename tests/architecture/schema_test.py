"""The compiler of GraphQL schemas: a wrong schema fails the build, and says why."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPILER = ROOT / "config/cmake/compile_schema.py"
BUILTIN = ROOT / "adapters/graphql/builtin.graphql"

sys.path.insert(0, str(COMPILER.parent))
import graphql_sdl  # noqa: E402


class Schemas(unittest.TestCase):
    def why(self, sdl):
        try:
            graphql_sdl.read_schema(BUILTIN.read_text(), sdl)
        except graphql_sdl.SchemaError as error:
            return str(error)
        return "accepted"

    def test_refuses_what_is_none(self):
        for sdl, message in {
            "type Query { a: Int }": "accepted",
            "schema { query: Q } type Q { a: Int }": "accepted",
            "type Other { a: Int }": "There is no query type.",
            "type Query { a: Nothing }": "Query.a names the unknown type Nothing.",
            "type Query { a: In } input In { x: Int }": "The field Query.a gives an input object.",
            "type Query { a(q: Query): Int }": "The input Query.a.q is of an output type.",
            "type Query { a: Int a: Int }": "The field Query.a is defined twice.",
            "type Query { a: Int } type Query { b: Int }": "The type Query is defined twice.",
            "type Query { a: Int } scalar Int": "The type Int is defined twice.",
            "type Query implements I { a: Int } interface I { b: Int }": "The type Query lacks the field b of I.",
            "type Query { a: Int } union U = Int": "The type Int does not fit where U names it.",
            "type Query": "The type Query has no fields.",
            "type Query {": "Syntax error: the end is not expected here, but }.",
            "type Query {}": "Syntax error: } is not expected here, but a name.",
            "extend type Query { a: Int }": "Syntax error: extend is not expected here, but a definition of a type.",
            'type Query { a: Int } "never ended': "Syntax error in line 1: no token begins at or behind "
                                                 "' \"never ended'.",
        }.items():
            with self.subTest(sdl):
                self.assertEqual(self.why(sdl), message)

    def test_names_every_fault(self):
        self.assertEqual(self.why("type Query { a: A b(c: C): B }").splitlines(), [
            "Query.a names the unknown type A.", "Query.b names the unknown type B.",
            "Query.b.c names the unknown type C."])

    def test_reads_texts_as_the_specification_says(self):
        types, *_ = graphql_sdl.read_schema(BUILTIN.read_text(), '''
            """
              Block \\""" text,

                indented.
            """
            type Query { "A \\"quoted\\" \\u00e9." a(b: [Int!]! = [1, -2], c: In = {d: 1.5e3, e: NO}): Int @deprecated }
            input In { d: Float e: E }  # a comment
            enum E { NO, YES @deprecated(reason: "why") }''')
        query = types[0]
        self.assertEqual(query["description"], 'Block """ text,\n\n  indented.')
        field = query["fields"][0]
        self.assertEqual((field["description"], field["deprecated"]), ('A "quoted" é.', "No longer supported"))
        self.assertEqual(field["inputs"][0]["type"], ((("Int", True)), True))
        self.assertEqual([item[:2] for item in field["inputs"][0]["default"][2]], [("integer", "1"), ("integer", "-2")])
        self.assertEqual(field["inputs"][1]["default"][3][1], ("e", ("enumeration", "NO", [], [])))
        self.assertEqual(types[2]["values"][1]["deprecated"], "why")

    def test_a_wrong_schema_is_an_error_of_the_build(self):
        with tempfile.TemporaryDirectory() as folder:
            wrong, output = pathlib.Path(folder) / "wrong.graphql", pathlib.Path(folder) / "wrong.cpp"
            wrong.write_text("type Query { a: A  a: Int }")
            done = subprocess.run([COMPILER, output, "wrong", BUILTIN, wrong], capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr.splitlines(), [f"{wrong}: The field Query.a is defined twice.",
                                                        f"{wrong}: Query.a names the unknown type A."])
            self.assertFalse(output.exists())


if __name__ == "__main__":
    unittest.main()
