#include "infra/sqlite/database_file.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iomanip>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <vector>

#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/migrations.hpp"
#include "infra/sqlite/rows.hpp"
#include "infra/sqlite/write_lock.hpp"

// FreshFile: a copy must be visible whole or not at all, also after a crash or a power cut. So it is written under
// another name, synced, renamed without replacing anything (RENAME_NOREPLACE), and the directory is synced. Names of
// parts are random, so two copies do not meet; an flock shows which parts belong to a living process, and the kernel
// releases it when the process dies.
//
// `prepare_database_file` prepares the file in an order that is safe while other nodes start or run. The claim comes
// first, so no process uses the file by another name. The migration runs under the inter-process write lock, so one
// node migrates at a time. The page check comes after the lock is released, because it may take long and would keep the
// other nodes from writing.

namespace danwa::sqlite {
namespace {

constexpr std::string_view kSuffix = ".danwad-part";
constexpr std::array kBeside{"-journal", "-wal", "-shm"};  // files that SQLite keeps beside a database

[[noreturn]] void refuse_file(const std::string& what) {
  const std::string reason = std::strerror(errno);
  throw std::runtime_error{what + ": " + reason};
}

void sync(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) refuse_file("cannot open " + path);
  const bool done = ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (!done) refuse_file("cannot sync " + path);
}

std::string directory_of(const std::string& name) {
  const auto parent = std::filesystem::path{name}.parent_path();
  return parent.empty() ? "." : parent.string();
}

void remove_with_company(const std::string& path) {
  ::unlink(path.c_str());
  for (const char* beside : kBeside) ::unlink((path + beside).c_str());
}

/// Removes the unfinished part at `path`, unless the process that writes it is alive.
void remove_if_abandoned(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return;
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) remove_with_company(path);
  ::close(descriptor);
}

void remove_abandoned_in(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> parts;
  std::vector<std::string> beside_parts;
  for (const auto& entry : std::filesystem::directory_iterator{directory, error}) {
    const std::string path = entry.path().string();
    if (path.ends_with(kSuffix)) parts.push_back(path);
    for (const std::string_view beside : kBeside) {
      if (path.ends_with(std::string{kSuffix}.append(beside))) beside_parts.push_back(path);
    }
  }
  for (const auto& path : parts) remove_if_abandoned(path);
  for (const auto& path : beside_parts) {
    if (!std::filesystem::exists(path.substr(0, path.rfind('-')), error)) ::unlink(path.c_str());
  }
}

}  // namespace

FreshFile::FreshFile(std::string name) : name_{std::move(name)} {
  struct stat present {};
  if (::lstat(name_.c_str(), &present) == 0) {
    throw std::runtime_error{"there is a file " + name_ + " already; it is not overwritten"};
  }
  remove_abandoned_in(directory_of(name_));
  make();
}

/// Between creation and lock, another process may take the file for abandoned and remove it; then a new one is created.
void FreshFile::make() {
  struct stat made {};
  while (made.st_nlink == 0) {
    if (descriptor_ >= 0) ::close(descriptor_);
    path_ = name_ + ".XXXXXX" + std::string{kSuffix};
    descriptor_ = ::mkostemps(path_.data(), static_cast<int>(kSuffix.size()), O_CLOEXEC);
    if (descriptor_ < 0) refuse_file("cannot make a file in " + directory_of(name_));
    ::flock(descriptor_, LOCK_EX);
    if (::fstat(descriptor_, &made) != 0) refuse_file("cannot look at " + path_);
  }
}

FreshFile::~FreshFile() {
  if (!path_.empty()) remove_with_company(path_);
  ::close(descriptor_);
}

void FreshFile::put_in_place() {
  sync(path_, O_RDWR);
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, name_.c_str(), RENAME_NOREPLACE) != 0) {
    refuse_file("cannot give the copy the name " + name_);
  }
  path_.clear();
  sync(directory_of(name_), O_RDONLY | O_DIRECTORY);
}

namespace {

constexpr std::chrono::seconds kPatience{10};  // for other processes that write the file

[[noreturn]] void refuse(const SqliteOptions& options, const std::string& reason) {
  throw std::runtime_error{"cannot use the database " + options.master_path + ": " + reason};
}

std::string reason_of(const SQLite::Exception& failure) {
  switch (failure.getErrorCode()) {
    case SQLITE_NOTADB:
      return "the file is not a SQLite database";
    case SQLITE_CORRUPT:
      return "the file is corrupt; restore it from a backup";
    case SQLITE_READONLY:
      return "the file or its directory is not writable";
    default:
      return failure.what();
  }
}

// A commit writes whole pages, most of them for one small row of an index. Half the default page size saves a third of
// the bytes. No effect on an existing file.
void use_small_pages(Connection& connection) { Query{connection, "PRAGMA page_size = 2048"}.run(); }

void use_write_ahead_log(Connection& connection) {
  Query query{connection, "PRAGMA journal_mode = WAL"};
  if (!query.step() || query.text(0) != "wal")
    throw std::runtime_error{"the file system cannot hold a write-ahead log"};
}

void check_pages(const SqliteOptions& options, Connection& connection, adapters::Logger& log) {
  if (std::filesystem::file_size(options.master_path) > options.check_bytes) {
    log.info("database.check-skipped", {{"path", options.master_path}, {"limit_bytes", options.check_bytes}});
    return;
  }
  Query query{connection, "PRAGMA quick_check(1)"};
  if (query.step() && query.text(0) != "ok") throw SQLite::Exception{query.text(0), SQLITE_CORRUPT};
}

/// The mode stays as the operator has set it; a group may share the file on purpose.
void warn_about_others(const SqliteOptions& options, mode_t mode, adapters::Logger& log) {
  if ((mode & 0077) == 0) return;
  std::ostringstream octal;
  octal << std::oct << std::setw(4) << std::setfill('0') << (mode & 0777);
  log.warn("database.readable-by-others",
           {{"path", options.master_path}, {"mode", octal.str()}, {"cure", "chmod 0600, the -wal and -shm files too"}});
}

PreparedFile prepare(const SqliteOptions& options, adapters::Logger& log) {
  auto claim = std::make_unique<FileClaim>(options.master_path, FileClaim::Use::made);
  warn_about_others(options, claim->place().mode, log);
  InterProcessWriteLock turn{options.master_path};
  if (!turn.acquire_for(kPatience)) throw std::runtime_error{"another process has held its lock for 10 seconds"};
  Connection connection{{.path = options.master_path,
                         .access = Access::read_write,
                         .full_sync = options.full_sync,
                         .create = true,
                         .max_pages = options.max_pages}};
  const int before = schema_of(connection);
  if (before == 0) use_small_pages(connection);
  use_write_ahead_log(connection);
  migrate(connection);
  turn.release();
  check_pages(options, connection, log);
  log.info("database.opened", {{"path", options.master_path},
                               {"schema", newest_schema()},
                               {"schema_before", before},
                               {"epoch", read_epoch(connection)},
                               {"sqlite", SQLITE_VERSION}});
  return {std::move(claim), before, newest_schema()};
}

}  // namespace

PreparedFile prepare_database_file(const SqliteOptions& options, adapters::Logger& log) {
  if (options.master_path.empty()) throw std::runtime_error{"the path of the database is empty"};
  try {
    return prepare(options, log);
  } catch (const SQLite::Exception& failure) {
    refuse(options, reason_of(failure));
  } catch (const std::runtime_error& failure) {
    refuse(options, failure.what());
  }
}

}  // namespace danwa::sqlite
