#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "infra/postgres/batch_facts.hpp"
#include "infra/postgres/batch_rows.hpp"
#include "infra/storage/changes.hpp"

namespace danwa::infra::pg {

using storage::Touches;

/// One unit of work for the writer. Waits in the queue, is decided on the io thread, then is answered exactly
/// once: `finish` or `fail`.
class WriteAction {
 public:
  explicit WriteAction(Touches touches) : touches_{std::move(touches)} {}
  virtual ~WriteAction() = default;

  const Touches& touches() const { return touches_; }

  /// Names what it must know to decide; its channel is known anyway.
  virtual void need(BatchFacts& facts) const = 0;

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

/// A change of storage/changes.hpp, and what to do with its result.
template <class Change, class Resume>
class ChangeAction final : public WriteAction {
 public:
  ChangeAction(Change change, Resume resume)
      : WriteAction{change.touches()}, change_{std::move(change)}, resume_{std::move(resume)} {}

  void need(BatchFacts& facts) const override { change_.need(facts); }
  void decide(const BatchFacts& facts, BatchRows& rows) override { result_.emplace(change_.decide(facts, rows)); }
  void reject(domain::Errors errors) override { result_.emplace(domain::fail(std::move(errors))); }
  void finish(const domain::Position& position) override {
    if (*result_) (*result_)->position = position;
    resume_(std::move(*result_));
  }
  void fail(const domain::Errors& errors) override { resume_(Result{domain::fail(errors)}); }

 private:
  using Result = domain::Result<typename Change::Answer>;

  const Change change_;
  Resume resume_;
  std::optional<Result> result_;
};

using Batch = std::vector<std::unique_ptr<WriteAction>>;

}  // namespace danwa::infra::pg
