#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapters/protocol/graphql/document.hpp"
#include "adapters/protocol/graphql/schema.hpp"

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

/// A variable at a place that wants a type.
struct VariableUse {
  std::string name;
  const TypeRef* wanted = nullptr;  ///< null: the place is wrong itself, or takes anything
  bool has_default = false;         ///< the place has a default of its own
  Offset at = 0;
};

/// What the walk over one operation or fragment found, for the rules that follow fragments.
struct DefinitionFacts {
  std::vector<VariableUse> uses;
  std::vector<const FragmentSpread*> spreads;
};

/// Of every definition of a document; the keys lie in the document.
struct DocumentFacts {
  std::map<const Operation*, DefinitionFacts> operations;
  std::map<std::string, DefinitionFacts, std::less<>> fragments;  ///< of the first one of each name
};

/// Names of operations, and the anonymous one alone (specification 5.2.1, 5.2.2); names of fragments (5.5.1.1).
void check_names(const Document& document, Report& report);

/// Every fragment is used (5.5.1.4) and none contains itself (5.5.2.2). False when one does.
bool check_fragment_graph(const Document& document, const DocumentFacts& facts, Report& report);

/// A subscription has one root field, and none of introspection (5.2.3.1). Fragments must not contain
/// themselves.
void check_subscriptions(const Document& document, Report& report);

/// Variables: unique names, all defined, all used, usable where they stand (5.8.1, 5.8.3 to 5.8.5).
void check_variables(const Schema& schema, const Document& document, const DocumentFacts& facts, Report& report);

/// Fields of one response name can be merged (specification 5.3.2). Fragments must not contain themselves.
///
/// Instead of every pair, each field is compared with the first of its group, and the selections below a group
/// are merged before they are looked at; a merged set that was seen before is not looked at again. What is
/// left can still grow with nested fragments, so the number of steps is bounded: over it, the document is
/// refused (`graphql-limit`).
void check_overlapping_fields(const Schema& schema, const Document& document, Report& report);

/// Walks every definition once and checks what can be seen at one place: fields, leaves and arguments
/// (specification 5.3.1, 5.3.3, 5.4), types of fragments (5.5.1.2, 5.5.1.3, 5.5.2.1, 5.5.2.3), values (5.6),
/// directives (5.7), types and defaults of variables (5.8.2). Answers what the other rules need.
DocumentFacts check_selections(const Schema& schema, const Document& document, Report& report);

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

/// Every rule of the specification's section 5 (October 2021) on `document`; empty: it may be executed. At
/// most 20 errors, code `graphql-validation`. The work is bounded: a document whose fields cannot be
/// compared within a fixed number of steps is refused with `graphql-limit`.
GraphqlErrors validate(const Schema& schema, const Document& document);

}  // namespace danwa::adapters::graphql
