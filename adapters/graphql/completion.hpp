#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <variant>

#include "adapters/graphql/plan.hpp"

namespace danwa::adapters::graphql {

/// Where a value stands in the answer, as a chain up to the root; becomes a Path only for an error.
struct PathStep {
  const PathStep* parent;  ///< null at the root
  std::variant<std::string_view, std::size_t> name;

  Path to_path() const;
};

/// Turns resolvers' values into answers (specification, CompleteValue()), gathers errors, and counts how large
/// the answer grows, and what it costs to find out. Owned by: one execution.
class Completion {
 public:
  Completion(const PlanSource& source, std::size_t max_bytes) : source_{source}, most_{max_bytes}, budget_{max_bytes} {}

  /// The answer for a field's value; nothing when a null may not stand here (the error is noted).
  std::optional<nlohmann::ordered_json> complete(const PlannedField& field, const nlohmann::json& value,
                                                 const PathStep& path);

  /// Notes why a field has no value, and answers what stands for it: null, or nothing where none may stand.
  std::optional<nlohmann::ordered_json> failed(const PlannedField& field, GraphqlErrors errors, const PathStep& path);

  /// `{errors?, data}`; after the limit of size was exceeded, its error and `data: null`.
  nlohmann::ordered_json answer(std::optional<nlohmann::ordered_json> data) const;

  bool exhausted() const { return exhausted_; }
  std::size_t spent() const { return most_ - budget_; }  ///< bytes of the answer so far, about

 private:
  using Answer = std::optional<nlohmann::ordered_json>;

  Answer value(const PlannedField& field, const TypeRef& type, const nlohmann::json& value, const PathStep& path);
  Answer nullable(const PlannedField& field, const TypeRef& type, const nlohmann::json& value, const PathStep& path);
  Answer list(const PlannedField& field, const TypeRef& item, const nlohmann::json& value, const PathStep& path);
  Answer leaf(const PlannedField& field, const TypeDefinition& type, const nlohmann::json& value, const PathStep& path);
  Answer object(const PlannedField& field, const TypeDefinition& type, const nlohmann::json& value,
                const PathStep& path);
  const TypeDefinition* object_type(const TypeDefinition& type, const nlohmann::json& value) const;
  Answer wrong(const PlannedField& field, std::string message, const PathStep& path);
  bool spend(std::size_t bytes);

  const PlanSource& source_;
  const std::size_t most_;
  std::size_t budget_;
  bool exhausted_ = false;
  GraphqlErrors errors_;
};

}  // namespace danwa::adapters::graphql
