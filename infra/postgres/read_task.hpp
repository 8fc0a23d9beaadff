#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "domain/core/result.hpp"
#include "infra/postgres/rows.hpp"
#include "infra/postgres/script.hpp"

namespace danwa::infra::pg {

/// One read: a script, and what to make of its answers. `decode` runs on the io thread and may throw; then
/// exactly one of `finish` and `fail` is called.
class ReadTask {
 public:
  explicit ReadTask(Script script) : script_{std::move(script)} {}
  virtual ~ReadTask() = default;

  const Script& script() const { return script_; }
  virtual void decode(const std::vector<Rows>& answers) = 0;
  virtual void finish() = 0;
  virtual void fail(const domain::Errors& errors) = 0;

  std::chrono::steady_clock::time_point since;  ///< when it was queued
  std::size_t losses = 0;                       ///< connections that were lost under it

 private:
  const Script script_;
};

/// A read made of a function `Result<T>(const std::vector<Rows>&)` and of what to do with its result.
template <class T, class Decode, class Resume>
class FunctionRead final : public ReadTask {
 public:
  FunctionRead(Script script, Decode decode, Resume resume)
      : ReadTask{std::move(script)}, decode_{std::move(decode)}, resume_{std::move(resume)} {}

  void decode(const std::vector<Rows>& answers) override { result_.emplace(decode_(answers)); }
  void finish() override { resume_(std::move(*result_)); }
  void fail(const domain::Errors& errors) override { resume_(domain::Result<T>{domain::fail(errors)}); }

 private:
  Decode decode_;
  Resume resume_;
  std::optional<domain::Result<T>> result_;
};

}  // namespace danwa::infra::pg
