#pragma once

#include <string>
#include <vector>

#include "adapters/graphql/document.hpp"

namespace danwa::adapters::graphql {

/// What the rules of validation found, up to a bound.
class Report {
 public:
  static constexpr std::size_t kMaxErrors = 20;

  explicit Report(const Document& document) : document_{document} {}

  void add(std::string message, const std::vector<Offset>& places) {
    if (full()) return;
    GraphqlError error{std::move(message), {}, {}, "graphql-validation", {}};
    for (const auto at : places) error.locations.push_back(document_.locate(at));
    errors_.push_back(std::move(error));
  }

  void add_limit(std::string message) {
    if (!full()) errors_.push_back({std::move(message), {}, {}, "graphql-limit", {}});
  }

  bool full() const { return errors_.size() >= kMaxErrors; }
  GraphqlErrors take() { return std::move(errors_); }

 private:
  const Document& document_;
  GraphqlErrors errors_;
};

/// A name as messages show it: quoted, cut when long.
inline std::string in_quotes(std::string_view name) { return '"' + std::string{name.substr(0, 64)} + '"'; }

}  // namespace danwa::adapters::graphql
