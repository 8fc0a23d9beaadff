#pragma once

#include <utility>
#include <vector>

#include "infra/postgres/values.hpp"

namespace danwa::infra::pg {

/// Statements that are sent together and answered together, in one round trip. After a failure, the statements up to
/// the next sync are not executed.
class Script {
 public:
  struct Step {
    const char* sql;  ///< a constant; its address names the prepared statement; null: a sync
    Values values;
  };

  Script& add(const char* sql, Values values = {}) {
    steps_.push_back({sql, std::move(values)});
    return *this;
  }
  Script& sync() {
    steps_.push_back({nullptr, {}});
    return *this;
  }
  Script& append(const Script& more) {
    steps_.insert(steps_.end(), more.steps_.begin(), more.steps_.end());
    return *this;
  }

  const std::vector<Step>& steps() const { return steps_; }

 private:
  std::vector<Step> steps_;
};

}  // namespace danwa::infra::pg
