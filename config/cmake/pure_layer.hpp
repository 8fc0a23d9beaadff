// Force-included into the domain: a foreign name there does not compile.
#pragma GCC poison caf boost nlohmann SQLite sqlite3 pqxx redisContext grpc spdlog CLI toml
