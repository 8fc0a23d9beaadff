"""The product is put together as ARCHITECTURE.md says, and each rule of structure.py finds a tree that breaks it."""

import pathlib
import tempfile
import unittest

import cpp_text
import structure


class Structure(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tree = structure.Tree()

    def assert_kept(self, rule):
        self.assert_none(list(rule(self.tree)))

    def assert_none(self, complaints):
        if complaints:
            more = [f"and {len(complaints) - 40} more"] if len(complaints) > 40 else []
            self.fail("\n".join([f"{len(complaints)} complaints", *complaints[:40], *more]))

    def test_no_cycle_between_folders(self):
        self.assert_kept(structure.folder_cycles)

    def test_no_class_is_defined_twice(self):
        self.assert_kept(structure.doubled_types)

    def test_a_namespace_per_module_of_infra(self):
        self.assert_kept(structure.strange_namespaces)

    def test_files_are_few_and_full(self):
        self.assert_kept(structure.sizes)

    def test_headers_have_readers(self):
        self.assert_kept(structure.lonely_headers)

    def test_the_code_uses_the_words_of_the_field(self):
        self.assert_kept(structure.former_words)

    def test_comments_cite_what_a_reader_has(self):
        self.assert_kept(structure.foreign_papers)

    def test_so_do_tests_and_configuration(self):
        self.assert_none(list(structure.foreign_papers_elsewhere(structure.ROOT)))

    def test_long_sources_explain_themselves(self):
        self.assert_kept(structure.unexplained)


class Broken(unittest.TestCase):
    """Small trees that break one rule each, and their sound twins."""

    def complaints(self, rule, **files):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                file = pathlib.Path(folder) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            return list(rule(structure.Tree(folder)))

    def assert_found(self, rule, words, files):
        found = self.complaints(rule, **files)
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])

    def assert_clean(self, rule, files):
        self.assertEqual(self.complaints(rule, **files), [])

    def test_a_cycle_of_folders(self):
        there = {"domain/a/x.hpp": '#include "domain/b/y.hpp"\n', "domain/b/y.hpp": "", "domain/c/z.hpp": ""}
        self.assert_clean(structure.folder_cycles, there)
        self.assert_found(structure.folder_cycles, ["domain/a, domain/b", "domain/b/v.cpp includes domain/a/x.hpp"],
                          {**there, "domain/b/v.cpp": '#include "domain/a/x.hpp"\n'})

    def test_a_long_cycle_by_way_of_a_parent(self):
        self.assert_found(structure.folder_cycles, ["domain, domain/a, domain/b"],
                          {"domain/x.hpp": '#include "domain/a/x.hpp"\n',
                           "domain/a/x.hpp": '#include "domain/b/x.hpp"\n#include "generated/a.hpp"\n',
                           "domain/b/x.hpp": '#include "domain/x.hpp"\n'})

    def test_a_class_that_is_defined_twice(self):
        twin = "namespace danwa::infra {\nstruct StreamContext {\n  int x;\n};\n}\n"
        other = "namespace danwa { namespace infra { class StreamContext final : public X {}; } }\n"
        self.assert_found(structure.doubled_types, ["danwa::infra::StreamContext", "infra/beast/a.hpp:2"],
                          {"infra/beast/a.hpp": twin, "infra/grpc/b.hpp": other})

    def test_a_nested_class_that_is_defined_twice(self):
        one = "namespace danwa {\nstruct Server::Impl {\n};\n}\n"
        self.assert_found(structure.doubled_types, ["danwa::Server::Impl"],
                          {"infra/a/a.cpp": one,
                           "infra/b/b.cpp": "namespace danwa { class Server { class Impl { }; }; }"})

    def test_what_is_no_second_definition(self):
        header = "namespace danwa {\nclass One {\n};\ntemplate <class T> struct Many {};\n}\n"
        others = ("namespace danwa { class One; struct One* find(One& one) { return &one; }\n"
                  "namespace { class One {}; }\n"
                  "void run() { struct One { int x = 0; }; }\n"
                  "template <> struct Many<int> {};\ntemplate <class T> struct Many<T*> {};\n"
                  "const char* text = \"class One { };\";  // class One { };\n"
                  "enum class Kind { One };\n}\nnamespace other { class One {}; }\n")
        self.assert_clean(structure.doubled_types, {"infra/a/a.hpp": header, "infra/b/b.cpp": others})

    def test_a_namespace_of_another_module(self):
        text = "namespace danwa::infra {\nclass One;\n}\n"
        self.assert_found(structure.strange_namespaces, ["danwa::infra", "danwa::beast"], {"infra/beast/a.hpp": text})
        self.assert_found(structure.strange_namespaces, ["outside"], {"infra/beast/a.hpp": "struct One { int x; };\n"})
        self.assert_found(structure.strange_namespaces, ["danwa::usecase"],
                          {"infra/beast/a.hpp": "namespace danwa { namespace usecase { class X; } }\n"})

    def test_the_namespaces_of_a_module(self):
        text = ("namespace boost::asio { class io_context; }\nnamespace danwa::caf {\nnamespace { class A {}; }\n"
                "namespace words { struct B { struct C { int x; }; }; }\n"
                "int run() { struct D { int y; }; return 1; }\n}\n"
                "namespace caf { template <> struct Trait<int> { int z; }; }\nALLOW_MESSAGE(danwa::caf::B)\n")
        self.assert_clean(structure.strange_namespaces, {"infra/caf/a.cpp": text, "adapters/a.hpp": "struct X {};"})

    def test_many_small_files(self):
        full = {f"domain/{n}.hpp": "int x;\n" * 90 for n in range(structure.MOST_FILES)}
        self.assert_clean(structure.sizes, full)
        self.assert_found(structure.sizes, ["461 files"], {**full, "domain/one.hpp": "int x;\n" * 90})
        self.assert_found(structure.sizes, ["10 lines or fewer"], {"domain/a.hpp": "int x;\n" * 10})

    def test_headers_that_one_file_includes(self):
        names = [f"domain/h{n}.hpp" for n in range(10)]
        includes = "".join(f'#include "{name}"\n' for name in names)
        shared = {**dict.fromkeys(names, ""), "domain/a.cpp": includes, "domain/b.cpp": includes}
        self.assert_clean(structure.lonely_headers, shared)
        self.assert_clean(structure.lonely_headers, {**shared, "domain/b.cpp": includes.replace("h0", "none")})
        self.assert_found(structure.lonely_headers, ["2 of 10", "domain/h1.hpp: only domain/a.cpp"],
                          {**shared, "domain/b.cpp": includes.replace("h0", "none").replace("h1", "none")})

    def test_a_former_word(self):
        self.assert_found(structure.former_words, ["domain/a.hpp:2", "Hurry"], {"domain/a.hpp": "\nclass Hurry;\n"})
        self.assert_clean(structure.former_words,
                          {"domain/a.hpp": '// Hurry\nconst char* a = "Hurry"; int Hurrying, no_urge;\n/* urge */\n'})

    def test_a_paper_that_is_not_there(self):
        for comment in ("// see DESIGN, section 5", "/// (RELIABILITY D3)", "// as CAF.md has it", "// CONTRACT 5",
                        "// as section 4 says", "/* HOUSE.md */"):
            self.assert_found(structure.foreign_papers, ["domain/a.hpp:2"], {"domain/a.hpp": f"int x;\n{comment}\n"})
        for comment in ("// RFC 9110 section 5.6\n// and section 8.8", "// ARCHITECTURE.md section 5", "// our design",
                        "// CAF 0.17.6", "// the cross section"):
            self.assert_clean(structure.foreign_papers, {"domain/a.hpp": f"{comment}\n"})
        self.assert_clean(structure.foreign_papers, {"domain/a.hpp": 'const char* x = "DESIGN section 5";\n'})

    def test_a_paper_that_is_not_there_in_a_test(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "tests").mkdir()
            (pathlib.Path(folder) / "tests/a_test.py").write_text('"""The floor of DESIGN section 12."""\n')
            self.assertEqual(len(list(structure.foreign_papers_elsewhere(folder))), 1)

    def test_a_long_source_without_a_word(self):
        code = '#include "x.hpp"\n\nnamespace danwa {\n%sint run() {\n' + "  ++x;\n" * 110 + "}\n}\n"
        self.assert_found(structure.unexplained, ["without"], {"domain/a.cpp": code % ""})
        self.assert_found(structure.unexplained, ["without"], {"domain/a.cpp": code % "// One line.\n"})
        self.assert_found(structure.unexplained, ["without"],
                          {"domain/a.cpp": code % "" + "// Two lines,\n// but behind the code.\n"})
        self.assert_found(structure.unexplained, ["without"],
                          {"domain/a.cpp": code % ("struct A;\n" * 60 + "// Two lines,\n// too far down.\n")})
        self.assert_clean(structure.unexplained, {"domain/a.cpp": code % "// The idea,\n// in two lines.\n"})
        self.assert_clean(structure.unexplained, {"domain/a.cpp": "int run() { return 1; }\n"})


class Text(unittest.TestCase):
    """What cpp_text makes of the harder parts of the language."""

    def test_comments_and_literals_are_told_from_code(self):
        text = 'f("// no", \'"\', R"x(" // no)x", 1\'000);  // yes "x"\n/* and\nthis */ g();\n'
        self.assertEqual("".join(cpp_text.comments_of(text).split()), '//yes"x"/*andthis*/')
        self.assertEqual("".join(cpp_text.code_of(text).split()), "f(,,,1'000);g();")
        self.assertEqual(cpp_text.code_of(text).count("\n"), text.count("\n"))

    def test_scopes_are_told_apart(self):
        text = ("#define OPEN {\ninline namespace one::two {\ntemplate <class A, class B = C<D>>\n"
                "class [[nodiscard]] Box final : public Base<A> {\n Box() : a_{1} {}\n};\n"
                "enum class Kind : int { x };\nauto f = [] { return 1; };\nextern \"C\" { struct Plain {}; }\n"
                "Kind g(struct Plain& p) { if (p) { return {}; } }\n}\n")
        found = [(scope.kind, scope.name, scope.line) for scope in cpp_text.scopes(text)]
        self.assertEqual([one for one in found if one[0] in ("namespace", "type")],
                         [("namespace", "one::two", 2), ("type", "one::two::Box", 4), ("type", "one::two::Plain", 9)])
        self.assertIn(("function", "", 10), found)


if __name__ == "__main__":
    unittest.main()
