"""The include check finds forged wrong includes, and so does the compiler."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import check_includes

ROOT = pathlib.Path(os.environ.get("DANWA_ARCHITECTURE_ROOT", pathlib.Path(__file__).resolve().parents[2]))


def complaints(path, line):
    return list(check_includes.wrong_includes(path, f"#pragma once\n{line}\n"))


class IncludeCheck(unittest.TestCase):
    def assert_refused(self, path, line):
        found = complaints(path, line)
        self.assertEqual([number for number, _ in found], [2], f"{path}: {line}")

    def assert_allowed(self, path, line):
        self.assertEqual(complaints(path, line), [], f"{path}: {line}")

    def test_our_tree_is_clean(self):
        self.assertEqual(list(check_includes.check(ROOT)), [])

    def test_a_layer_must_not_know_the_one_above(self):
        self.assert_refused("domain/comment/comment.hpp", '#include "usecase/ports/async.hpp"')
        self.assert_refused("usecase/comments.cpp", '#include "adapters/protocol/json/json_writer.hpp"')
        self.assert_refused("adapters/http/router.cpp", '#include "infra/beast/http_server.hpp"')
        self.assert_refused("infra/caf/caf_node.cpp", '#include "app/danwad/commands.hpp"')

    def test_the_low_adapters_know_little(self):
        for known in ("adapters/protocol/http/fields.hpp", "domain/core/time.hpp"):
            self.assert_allowed("adapters/protocol/http/fields.cpp", f'#include "{known}"')
        for known in ("adapters/http/message.hpp", "usecase/leases.hpp", "domain/comment/comment.hpp"):
            self.assert_refused("adapters/protocol/http/fields.cpp", f'#include "{known}"')
            self.assert_allowed("adapters/http/router.cpp", f'#include "{known}"')
        self.assert_allowed("adapters/http/router.cpp", '#include "adapters/protocol/http/fields.hpp"')
        self.assert_refused("adapters/http/router.cpp", '#include "adapters/rest/routes.hpp"')
        self.assert_allowed("adapters/rest/routes.cpp", '#include "adapters/http/router.hpp"')

    def test_infra_modules_must_not_know_each_other(self):
        self.assert_refused("infra/beast/http_server.cpp", '#include "infra/caf/caf_node.hpp"')
        self.assert_allowed("infra/beast/http_server.cpp", '#include "infra/beast/listener.hpp"')

    def test_but_those_with_sockets_may_use_net(self):
        for module in ("beast", "caf", "client", "grpc"):
            self.assert_allowed(f"infra/{module}/x.cpp", '#include "infra/net/descriptors.hpp"')
        self.assert_refused("infra/sqlite/x.cpp", '#include "infra/net/descriptors.hpp"')
        self.assert_refused("infra/net/x.cpp", '#include "infra/beast/listener.hpp"')

    def test_no_way_up_the_tree(self):
        self.assert_refused("domain/comment/comment.hpp", '#include "../../usecase/ports/async.hpp"')
        self.assert_refused("infra/caf/caf_node.cpp", '#include <../caf/all.hpp>')

    def test_a_header_names_its_layer(self):
        self.assert_refused("domain/comment/comment.cpp", '#include "comment.hpp"')

    def test_third_party_stays_where_it_belongs(self):
        self.assert_refused("domain/comment/comment.cpp", "#include <nlohmann/json.hpp>")
        self.assert_refused("usecase/comments.cpp", "#include <boost/asio/awaitable.hpp>")
        self.assert_refused("adapters/http/router.cpp", "#include <boost/beast/http.hpp>")
        self.assert_refused("infra/sqlite/writer.cpp", "#include <caf/all.hpp>")
        self.assert_refused("infra/caf/caf_node.cpp", "#include <boost/beast/core.hpp>")
        self.assert_refused("adapters/http/router.cpp", "#include <sys/socket.h>")
        self.assert_refused("adapters/protocol/graphql/parser.cpp", "#include <tao/pegtl.hpp>")
        self.assert_refused("adapters/protocol/json/json_writer.cpp", "#include <tao/pegtl.hpp>")
        self.assert_refused("adapters/http/router.cpp", "#include <tao/pegtl.hpp>")

    def test_each_library_is_allowed_at_home(self):
        self.assert_allowed("domain/core/result.hpp", "#include <tl/expected.hpp>")
        self.assert_allowed("usecase/ports/async.hpp", "#include <boost/asio/awaitable.hpp>")
        self.assert_allowed("adapters/protocol/json/json_writer.cpp", "#include <nlohmann/json.hpp>")
        self.assert_allowed("adapters/protocol/graphql/lexer.cpp", "#include <tao/pegtl.hpp>")
        self.assert_allowed("adapters/protocol/json/json_reader.cpp", "#include <tao/pegtl/contrib/json.hpp>")
        self.assert_allowed("infra/beast/listener.cpp", "#include <boost/beast/core.hpp>")
        self.assert_allowed("infra/system/identity.cpp", "#include <sys/random.h>")
        self.assert_allowed("domain/core/time.cpp", "#include <chrono>")

    def test_headers_of_c_are_listed_by_folder(self):
        self.assert_allowed("infra/beast/listener.cpp", "#include <sys/socket.h>")
        self.assert_allowed("infra/postgres/connection.cpp", "#include <libpq-fe.h>")
        self.assert_allowed("infra/redis/redis_connection.cpp", "#include <hiredis/hiredis.h>")
        self.assert_refused("infra/beast/listener.cpp", "#include <libpq-fe.h>")
        self.assert_refused("infra/beast/listener.cpp", "#include <sqlite3.h>")
        self.assert_refused("infra/beast/listener.cpp", "#include <zlib.h>")
        self.assert_refused("infra/sqlite/writer.cpp", "#include <sys/socket.h>")
        self.assert_refused("infra/grpc_client/chat_client.cpp", "#include <unistd.h>")
        self.assert_refused("app/danwad/node.cpp", "#include <sys/epoll.h>")
        self.assert_refused("app/danwad/node.cpp", "#include <toml++/toml.h>")
        self.assert_refused("app/bench/load.cpp", "#include <CLI/CLI.hpp>")
        self.assert_refused("usecase/comments.cpp", "#include <unistd.h>")
        self.assert_refused("infra/net/x.cpp", "#include <string.h>")

    def test_the_longest_entry_counts(self):
        table = {"infra": "far", "infra/beast": "near", "infra/beast/x.cpp": "own"}
        self.assertEqual([check_includes.of_longest(table, path) for path in
                          ("infra/beast/x.cpp", "infra/beast/y.cpp", "infra/beaster/y.cpp", "app/y.cpp")],
                         ["own", "near", "far", ()])

    def test_a_source_includes_its_own_header_first(self):
        headers = {"domain/a.hpp"}
        good, late = '#include "domain/a.hpp"\n#include <string>\n', '#include <string>\n#include "domain/a.hpp"\n'
        self.assertEqual(list(check_includes.own_header_first("domain/a.cpp", good, headers)), [])
        self.assertEqual(len(list(check_includes.own_header_first("domain/a.cpp", late, headers))), 1)
        self.assertEqual(list(check_includes.own_header_first("domain/b.cpp", late, headers)), [])

    def test_an_include_is_written_out(self):
        self.assert_refused("domain/core/time.cpp", "#include SOME_MACRO")


class Compiler(unittest.TestCase):
    """Guards 1 and 2: the include roots and the poisoned names, tried on the real headers."""

    def compiles(self, poison, line):
        with tempfile.TemporaryDirectory() as folder:
            include_root = pathlib.Path(folder)
            (include_root / "domain").symlink_to(ROOT / "domain")
            command = ["g++", "-std=c++20", "-fsyntax-only", "-x", "c++", f"-I{include_root}",
                       "-include", str(ROOT / "config/cmake" / poison), "-"]
            done = subprocess.run(command, cwd=folder, input=f"{line}\n", text=True, capture_output=True)
            return done.returncode == 0

    def test_the_control_compiles(self):
        self.assertTrue(self.compiles("pure_layer.hpp", '#include "domain/core/time.hpp"'))

    def test_a_layer_that_is_not_linked_is_not_found(self):
        self.assertFalse(self.compiles("pure_layer.hpp", '#include "usecase/ports/paging.hpp"'))

    def test_poisoned_names_do_not_compile(self):
        for include in ("boost/asio/awaitable.hpp", "nlohmann/json.hpp", "sqlite3.h", "caf/fwd.hpp"):
            self.assertFalse(self.compiles("pure_layer.hpp", f"#include <{include}>"), include)


if __name__ == "__main__":
    unittest.main()
