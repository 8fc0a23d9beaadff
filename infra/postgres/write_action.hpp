#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/channel/channel_key.hpp"
#include "domain/channel/position.hpp"
#include "domain/core/result.hpp"
#include "infra/postgres/batch_facts.hpp"
#include "infra/postgres/batch_rows.hpp"

namespace danwa::infra::pg {

/// What an action reads or changes, by which it is told which may share a transaction: `channel` alone or
/// together with others of its kind, `things` (ids, idempotency keys) alone.
struct Touches {
  domain::ChannelKey channel;
  bool alone = true;
  std::vector<std::string> things{};
};

/// One unit of work for the writer. Waits in the queue, is decided on the io thread, then is answered exactly
/// once: `finish` or `fail`.
class WriteAction {
 public:
  explicit WriteAction(Touches touches) : touches_{std::move(touches)} {}
  virtual ~WriteAction() = default;

  const Touches& touches() const { return touches_; }

  /// Names what it must know to decide; its channel is known anyway.
  virtual void ask(BatchFacts& facts) const = 0;

  /// Decides on what is in the database, whose channel it holds locked, and adds the rows to be written, none
  /// when it comes to an error. May be called again, after a rollback. What it throws is a defect.
  virtual void decide(const BatchFacts& facts, BatchRows& rows) = 0;

  /// Keeps an error as this action's own result, in place of what `decide` would have found.
  virtual void reject(domain::Errors errors) = 0;

  virtual void finish(const domain::Position& position) = 0;  ///< answers the result, which stands at `position`
  virtual void fail(const domain::Errors& errors) = 0;        ///< answers `errors` instead

  std::chrono::steady_clock::time_point since;  ///< when it was queued

 private:
  const Touches touches_;
};

/// An action with a result, `T` with a `position`, and what to do with it.
template <class T>
class AnsweringAction : public WriteAction {
 public:
  using Resume = std::function<void(domain::Result<T>)>;

  AnsweringAction(Touches touches, Resume resume) : WriteAction{std::move(touches)}, resume_{std::move(resume)} {}

  void decide(const BatchFacts& facts, BatchRows& rows) final { result_.emplace(decision(facts, rows)); }
  void reject(domain::Errors errors) final { result_.emplace(domain::fail(std::move(errors))); }
  void finish(const domain::Position& position) final {
    if (*result_) (*result_)->position = position;
    resume_(std::move(*result_));
  }
  void fail(const domain::Errors& errors) final { resume_(domain::Result<T>{domain::fail(errors)}); }

 protected:
  virtual domain::Result<T> decision(const BatchFacts& facts, BatchRows& rows) = 0;

 private:
  Resume resume_;
  std::optional<domain::Result<T>> result_;
};

using Batch = std::vector<std::unique_ptr<WriteAction>>;

}  // namespace danwa::infra::pg
