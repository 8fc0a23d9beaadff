// Force-included into the adapters: translation only, no technology but nlohmann/json and PEGTL.
#pragma GCC poison caf SQLite sqlite3 pqxx redisContext grpc spdlog CLI toml
