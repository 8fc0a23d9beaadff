#pragma once

#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/temporary_directory.hpp"
#include "support/wait_for.hpp"

namespace danwa::tests {

/// A plain connection of a test. Throws std::runtime_error.
class Sql {
 public:
  explicit Sql(const std::string& url) : connection_{PQconnectdb(url.c_str()), &PQfinish} {
    if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error{PQerrorMessage(connection_.get())};
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
  }

  /// The first column of the first row; empty when there is none.
  std::string ask(const std::string& sql) {
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result{PQexec(connection_.get(), sql.c_str()), &PQclear};
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
      throw std::runtime_error{PQerrorMessage(connection_.get())};
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }

 private:
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

/// A throwaway PostgreSQL server on a Unix socket in a directory of its own, as another user where we are root
/// (it refuses root); ended, by its pid, with the scope. Without fsync, and in memory where there is room: the
/// machine's power is not the point.
class PostgresServer {
 public:
  /// A new primary.
  PostgresServer() {
    make_directory();
    run({"initdb", "--no-sync", "-A", "trust", "-U", "danwa", "-E", "UTF8", "--locale", "C", "-D", data_});
    start();
  }
  /// A streaming standby.
  struct Of {
    const PostgresServer& primary;
  };
  explicit PostgresServer(Of of) {
    make_directory();
    run({"pg_basebackup", "-R", "--no-sync", "--checkpoint=fast", "-D", data_, "-h", of.primary.directory_, "-U",
         "danwa"});
    start();
  }
  ~PostgresServer() { stop(); }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  std::string url(const std::string& database = "postgres") const {
    return "postgres:///" + database + "?host=" + directory_ + "&user=danwa";
  }
  const std::string& directory() const { return directory_; }

  void start() {
    pid_ = spawn({"postgres",
                  "-D",
                  data_,
                  "-k",
                  directory_,
                  "-c",
                  "listen_addresses=",
                  "-c",
                  "fsync=off",
                  "-c",
                  "autovacuum=off",
                  "-c",
                  "shared_buffers=32MB",
                  "-c",
                  "max_connections=200",
                  "-c",
                  "hot_standby=on",
                  "-c",
                  "max_wal_senders=8",
                  "-c",
                  "wal_keep_size=256MB",
                  "-c",
                  "max_prepared_transactions=4"});
    if (!wait_for([this] { return ended() || answers(); }, std::chrono::seconds{60}) || pid_ <= 0) {
      throw std::runtime_error{"postgres does not start; see " + directory_ + "/log"};
    }
  }

  /// At once, as when the machine goes away.
  void stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGQUIT);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

  void promote() { Sql{url()}.ask("SELECT pg_promote()"); }

  bool answers() const { return PQping(url().c_str()) == PQPING_OK; }

 private:
  void make_directory() {
    directory_ = own_.file("");
    directory_.pop_back();
    data_ = directory_ + "/data";
    if (::geteuid() != 0) return;
    user_ = ::getpwnam("postgres");
    if (user_ == nullptr) throw std::runtime_error{"no user postgres"};
    if (::chown(directory_.c_str(), user_->pw_uid, user_->pw_gid) != 0) throw std::runtime_error{"chown"};
  }

  pid_t spawn(std::vector<std::string> words) const {
    static const std::string programs = "/usr/lib/postgresql/15/bin/";
    words[0] = programs + words[0];
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const std::string log = directory_ + "/log";
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    const int out = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0666);
    ::dup2(out, 1);
    ::dup2(out, 2);
    if (user_ != nullptr && (::setgid(user_->pw_gid) != 0 || ::setuid(user_->pw_uid) != 0)) ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (::chdir(directory_.c_str()) != 0) ::_exit(126);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }

  void run(std::vector<std::string> words) const {
    const std::string name = words[0];
    const pid_t pid = spawn(std::move(words));
    int status = 0;
    if (::waitpid(pid, &status, 0) != pid || status != 0) {
      throw std::runtime_error{name + " failed (Debian's package postgresql-15 is needed); see " + directory_ + "/log"};
    }
  }

  bool ended() {
    if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = 0;
    return pid_ <= 0;
  }

  TemporaryDirectory own_{memory_or_disk(std::uintmax_t{2} << 30U)};
  std::string directory_;
  std::string data_;
  const passwd* user_ = nullptr;
  pid_t pid_ = 0;
};

}  // namespace danwa::tests
