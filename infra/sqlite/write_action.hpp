#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "domain/core/result.hpp"
#include "infra/sqlite/write_transaction.hpp"

namespace danwa::infra {

/// One unit of work for the writer: it is done whole or not at all. Waits in the queue, runs on the
/// writer's thread, then is answered exactly once: `finish` or `fail`.
class WriteAction {
 public:
  virtual ~WriteAction() = default;

  /// Does the work inside the transaction. False: it came to an error of the domain and its changes are to
  /// be undone. May throw SQLite::Exception. May be called again, after a rollback.
  virtual bool perform(WriteTransaction& transaction) = 0;

  /// Keeps an error as this action's own result, in place of what `perform` would have found.
  virtual void reject(domain::Errors errors) = 0;

  virtual void finish() = 0;                            ///< answers the result
  virtual void fail(const domain::Errors& errors) = 0;  ///< answers `errors` instead

  std::chrono::steady_clock::time_point since;  ///< when it was queued
};

/// An action made of a function `Result<T>(WriteTransaction&)` and of what to do with its result.
template <class T, class Work, class Resume>
class FunctionAction final : public WriteAction {
 public:
  FunctionAction(Work work, Resume resume) : work_{std::move(work)}, resume_{std::move(resume)} {}

  bool perform(WriteTransaction& transaction) override {
    result_.emplace(work_(transaction));
    return result_->has_value();
  }
  void reject(domain::Errors errors) override { result_.emplace(domain::fail(std::move(errors))); }
  void finish() override { resume_(std::move(*result_)); }
  void fail(const domain::Errors& errors) override { resume_(domain::Result<T>{domain::fail(errors)}); }

 private:
  Work work_;
  Resume resume_;
  std::optional<domain::Result<T>> result_;
};

}  // namespace danwa::infra
