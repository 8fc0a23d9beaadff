#pragma once

#include <memory>

#include "infra/postgres/batch_committer.hpp"
#include "infra/postgres/write_queue.hpp"

namespace danwa::infra::pg {

/// The one writer of this node: takes the waiting actions, commits them in one transaction, answers them. Its
/// coroutines run on the io thread.
class Writer {
 public:
  struct Needs {
    boost::asio::io_context& io;
    const PostgresOptions& options;
    adapters::Logger& log;
    adapters::Metrics& metrics;
  };
  explicit Writer(const Needs& needs);

  /// Never blocks. The action is answered exactly once: on the io thread, or on this thread if it is rejected at once.
  /// Thread safe.
  void submit(std::unique_ptr<WriteAction> action) { queue_.push(std::move(action)); }

  /// Commits the waiting actions and rejects later ones; then the coroutines end. Thread safe.
  void stop() { queue_.close(); }

  /// True once a newer node has migrated the database. Thread safe.
  bool outdated() const { return committer_.outdated(); }

  /// False if no write has worked for 2 s although the writer tried. The writer also tries while no client writes, so
  /// failure and recovery are noticed without a client. Thread safe.
  bool healthy() const { return committer_.health().healthy(); }

  /// False if the latest attempt to connect failed. Runs on: the io thread.
  bool connectable() const { return committer_.connectable(); }

  /// The last update that this node committed. Runs on: the io thread.
  const std::optional<Witness>& committed() const { return committer_.committed(); }

 private:
  usecase::Async<void> run();
  usecase::Async<void> expire();

  const std::size_t max_batch_;
  WriteQueue queue_;
  BatchCommitter committer_;
  Nap expiry_;
};

}  // namespace danwa::infra::pg
