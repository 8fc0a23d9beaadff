#pragma once

#include "adapters/graphql/schema.hpp"
#include "adapters/graphql/validation/definition_facts.hpp"
#include "adapters/graphql/validation/report.hpp"

namespace danwa::adapters::graphql {

/// Rules on values (specification 5.6: correct types, names, uniqueness and presence of input fields), and
/// the notes which variables stand where.
class ValueRules {
 public:
  ValueRules(const Schema& schema, Report& report) : schema_{schema}, report_{report} {}

  /// Checks `value`, which stands where `definition` is wanted.
  void check(const InputDefinition& definition, const Value& value, DefinitionFacts& facts) const {
    check(definition.type, value, definition.default_value.has_value(), facts);
  }

  void check(const TypeRef& type, const Value& value, bool has_default, DefinitionFacts& facts) const;

  /// Only notes the variables of a value at an unknown place.
  static void note_variables(const Value& value, DefinitionFacts& facts);

 private:
  void check_list(const TypeRef& type, const Value& value, DefinitionFacts& facts) const;
  void check_object(const TypeDefinition& type, const Value& value, DefinitionFacts& facts) const;
  void check_leaf(const TypeRef& type, const TypeDefinition& named, const Value& value) const;

  const Schema& schema_;
  Report& report_;
};

}  // namespace danwa::adapters::graphql
