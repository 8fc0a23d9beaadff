#pragma once

#include <chrono>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "infra/postgres/own_database.hpp"
#include "infra/postgres/postgres_database.hpp"
#include "support/line_logger.hpp"
#include "support/storage.hpp"

namespace danwa::tests {

/// A database as a node has it, and a caller of it.
struct PostgresNode {
  using Added = domain::Result<usecase::CommentRepository::Added>;

  explicit PostgresNode(postgres::PostgresOptions options)
      : opened{postgres::open_database(std::move(options), logger, metrics)} {}
  explicit PostgresNode(const OwnDatabase& own) : PostgresNode{postgres::PostgresOptions{.master = own.url()}} {}
  ~PostgresNode() { database.stop(); }  // before the io_context that it posts to goes
  PostgresNode(const PostgresNode&) = delete;
  PostgresNode& operator=(const PostgresNode&) = delete;

  std::future<Added> start_add(domain::Comment made, std::optional<usecase::IdempotencyKey> key = {}) {
    return storage.thread().start(database.comments().add(std::move(made), std::move(key)));
  }

  LineLogger logger;
  adapters::Metrics metrics;
  const std::unique_ptr<storage::Database> opened;
  storage::Database& database{*opened};
  Storage storage{database.comments(), database.log(), database.conversations(), database.notifications()};
};

inline domain::Comment comment_in(std::uint64_t n, const std::string& room) {
  auto made = comment(n);
  made.conversation = conversation(room);
  return made;
}

/// Whether an answer comes within `limit`.
template <class T>
bool comes(const std::future<T>& answer, std::chrono::milliseconds limit = std::chrono::seconds{10}) {
  return answer.wait_for(limit) == std::future_status::ready;
}

}  // namespace danwa::tests
