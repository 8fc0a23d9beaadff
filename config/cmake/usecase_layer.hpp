// Force-included into the use cases: as in the domain, but for Boost.Asio, which usecase/ports/async.hpp alone
// may include (tests/architecture checks that).
#pragma GCC poison caf nlohmann SQLite sqlite3 pqxx redisContext grpc spdlog CLI toml
