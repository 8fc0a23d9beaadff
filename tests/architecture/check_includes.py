#!/usr/bin/env python3
"""check_includes.py [ROOT]: who may include what. Prints each wrong include as `file:line: reason`.

The build guards the layers by include roots and poisoned names; this finds what those cannot see: `..` in
a path, one infra module including another, and a third-party library outside the folder that owns it.
"""

import pathlib
import re
import sys

LAYERS = {  # folder -> folders that it may include
    "domain": ("domain",),
    "usecase": ("domain", "usecase"),
    "adapters": ("domain", "usecase", "adapters"),
    "infra": ("domain", "usecase", "adapters"),  # its own module, and what SHARED_INFRA says
    "app": ("domain", "usecase", "adapters", "infra", "app"),
}
SHARED_INFRA = {  # module -> modules that may include it
    "net": ("beast", "caf", "client", "grpc"),
    "storage": ("sqlite", "postgres"),
}
LOW_ADAPTERS = {  # folder of adapters -> how our headers begin that it may include; LAYERS speaks for the others
    "adapters/protocol": ("adapters/protocol/", "domain/core/"),  # bytes without chat
    "adapters/http": ("adapters/http/", "adapters/protocol/", "usecase/", "domain/"),
}
ASIO = ("boost/asio/", "boost/asio.hpp", "boost/system/")
EVERYWHERE = ("tl/expected.hpp",)
THIRD_PARTY = {  # folder or file, the longest match counts -> prefixes of includes in angle brackets
    "usecase/ports/async.hpp": ASIO,
    "usecase/ports/async.cpp": ASIO,
    "usecase/delivery": (),  # an update is a domain::Update here, never a format
    "adapters": ("nlohmann/",),
    "adapters/protocol": (),
    "adapters/protocol/json": ("nlohmann/",),
    "adapters/protocol/json/escapes.cpp": ("tao/",),
    "adapters/protocol/json/json_reader.cpp": ("nlohmann/", "tao/"),
    "adapters/protocol/graphql": ("nlohmann/",),
    "adapters/protocol/graphql/lexer.cpp": ("nlohmann/", "tao/"),
    "infra/beast": ("boost/", "openssl/"),
    "infra/net": ASIO,
    "infra/caf": ("caf/", "openssl/") + ASIO,
    "infra/storage": ASIO,
    "infra/sqlite": ("SQLiteCpp/", "sqlite3.h") + ASIO,
    "infra/postgres": ("libpq-fe.h",) + ASIO,
    "infra/client": ("boost/",),
    "infra/redis": ("hiredis/",) + ASIO,
    "infra/grpc_client": ("grpcpp/",),
    "infra/grpc": ("grpcpp/", "google/protobuf/") + ASIO,
    "infra/jwt": ("openssl/", "nlohmann/"),
    "infra/log": ("spdlog/",),
    "app": ("nlohmann/",) + ASIO,
    "app/danwa": ("CLI/", "nlohmann/") + ASIO,
    "app/danwad/settings": ("toml++/",),
}
SOCKETS = ("arpa/inet.h", "fcntl.h", "netdb.h", "netinet/in.h", "netinet/tcp.h", "sys/socket.h", "sys/uio.h",
           "unistd.h")
FILES = ("fcntl.h", "sys/stat.h", "sys/types.h", "unistd.h")
POSIX = {  # folder, the longest match counts -> headers of the system; no other folder has any
    "infra/beast": SOCKETS,
    "infra/caf": SOCKETS,
    "infra/client": SOCKETS + ("poll.h",),
    "infra/grpc": SOCKETS,
    "infra/net": SOCKETS,
    "infra/redis": SOCKETS,
    "infra/postgres": FILES,
    "infra/sqlite": FILES + ("pthread.h", "sys/file.h"),
    "infra/storage": FILES + ("pthread.h",),
    "infra/jwt": FILES,
    "infra/log": FILES + ("limits.h", "poll.h", "pthread.h", "signal.h", "sys/socket.h"),
    "infra/system": FILES + ("dirent.h", "pthread.h", "signal.h", "sys/random.h", "sys/resource.h"),
    "app/bench": SOCKETS + ("sys/epoll.h",),
    "app/danwa": FILES + ("poll.h",),
    "app/danwad": FILES,
}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)"|(\S+))')


def of_longest(table, path):
    """The entry of `table` whose folder or file covers `path` most closely; empty without one."""
    best = max((key for key in table if path == key or path.startswith(key + "/")), key=len, default=None)
    return table.get(best, ())


def wrong_own(path, included):
    """Why the file `path` may not include our header `included`, or None."""
    layer = path.split("/")[0]
    target = included.split("/")[0]
    if target not in LAYERS:
        return f'"{included}" does not name its layer; write the whole path from the root'
    if layer == "infra" and target == "infra":
        module, other = path.split("/")[1], included.split("/")[1]
        allowed = module == other or module in SHARED_INFRA.get(other, ())
        return None if allowed else f"infra/{module} includes infra/{other}; only app sees two of them"
    if target not in LAYERS[layer]:
        return f"{layer} must not know {target}"
    known = of_longest(LOW_ADAPTERS, path)
    if known and not included.startswith(known):
        return f"{path.rsplit('/', 1)[0]} must not know {included}; of ours it may include {', '.join(known)}"
    return None


def wrong_foreign(path, included):
    """Why the file `path` may not include <included>, or None."""
    if included.startswith(EVERYWHERE + of_longest(THIRD_PARTY, path)) or included in of_longest(POSIX, path):
        return None
    if "/" not in included and "." not in included:
        return None  # standard library
    return f"<{included}> does not belong here; THIRD_PARTY and POSIX say where it does"


def wrong_includes(path, text):
    """Yields (line number, reason) for one file; `path` is relative to the root, with slashes."""
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        foreign, own, other = match.groups()
        if other:
            reason = "an include must be written out"
        elif ".." in (foreign or own).split("/"):
            reason = "no .. in an include"
        else:
            reason = wrong_foreign(path, foreign) if foreign else wrong_own(path, own)
        if reason:
            yield number, reason


def own_header_first(path, text, headers):
    """Yields a complaint when the source `path` has a header of its own and does not include it first."""
    header = path.removesuffix(".cpp") + ".hpp"
    first = next((match for line in text.splitlines() if (match := INCLUDE.match(line))), None)
    if path.endswith(".cpp") and header in headers and not (first and first.group(2) == header):
        yield 1, f'"{header}" must be included first: that is how it is known to compile alone'


def sources(root):
    """Every C++ source of the layers, as paths relative to `root`."""
    for layer in LAYERS:
        for file in sorted((root / layer).rglob("*")):
            if file.suffix in (".hpp", ".cpp", ".h", ".inl"):
                yield file.relative_to(root).as_posix()


def check(root):
    """All complaints about the tree at `root`."""
    paths = set(sources(root))
    for path in sorted(paths):
        text = (root / path).read_text()
        for number, reason in [*wrong_includes(path, text), *own_header_first(path, text, paths)]:
            yield f"{path}:{number}: {reason}"


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    complaints = list(check(root))
    print("\n".join(complaints) or "includes: clean")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
