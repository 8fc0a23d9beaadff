#pragma once

#include <utility>
#include <vector>

#include "infra/postgres/values.hpp"

namespace danwa::infra::pg {

/// Statements that travel together and are answered together: one round trip. Between two syncs the first
/// failure keeps the rest from being done.
class Script {
 public:
  struct Step {
    const char* sql;  ///< a constant, whose address names the prepared statement; null: a sync
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
