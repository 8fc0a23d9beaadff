#pragma once

#include <memory>

#include "infra/postgres/batch_committer.hpp"
#include "infra/postgres/write_queue.hpp"

namespace danwa::infra::pg {

/// The one writer of this node: takes what waits, commits it as one transaction, answers. Its coroutines run on
/// the io thread.
class Writer {
 public:
  struct Needs {
    boost::asio::io_context& io;
    const PostgresOptions& options;
    adapters::Logger& log;
    adapters::Metrics& metrics;
  };
  explicit Writer(const Needs& needs);

  /// Thread safe; never blocks. The action is answered once, on the io thread or, when refused at once, on this
  /// one.
  void submit(std::unique_ptr<WriteAction> action) { queue_.push(std::move(action)); }

  /// Does what waits, refuses what comes later; then the coroutines end. Thread safe.
  void stop() { queue_.close(); }

  /// A newer node has migrated the database. Thread safe.
  bool outdated() const { return committer_.outdated(); }

  /// False when no write has worked for 2 s, although it was tried. Known and mended without a client: the writer tries
  /// by itself while nobody writes. Thread safe.
  bool healthy() const { return committer_.health().healthy(); }

  /// Whether it has a connection, or got one when it last wanted it. Runs on: the io thread.
  bool connectable() const { return committer_.connectable(); }

  /// The last update of ours that was committed. Runs on: the io thread.
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
