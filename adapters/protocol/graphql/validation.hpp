#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapters/protocol/graphql/document.hpp"
#include "adapters/protocol/graphql/schema.hpp"

namespace danwa::adapters::graphql {

/// The faults that the rules of validation found, up to a bound.
class Report {
 public:
  static constexpr std::size_t kMaxErrors = 20;

  explicit Report(const Document& document) : document_{document} {}

  void add(std::string message, const std::vector<Offset>& places) {
    if (full()) return;
    GraphqlError error{std::move(message), "graphql-validation"};
    for (const auto at : places) error.locations.push_back(document_.locate(at));
    errors_.push_back(std::move(error));
  }

  void add_limit(std::string message) {
    if (!full()) errors_.push_back({std::move(message), "graphql-limit"});
  }

  bool full() const { return errors_.size() >= kMaxErrors; }
  GraphqlErrors take() { return std::move(errors_); }

 private:
  const Document& document_;
  GraphqlErrors errors_;
};

/// A name for messages: quoted, and cut if it is long.
inline std::string in_quotes(std::string_view name) { return '"' + std::string{name.substr(0, 64)} + '"'; }

/// A variable at a place that expects a type.
struct VariableUse {
  std::string name;
  const TypeRef* wanted = nullptr;  ///< null: the place itself is wrong, or accepts every type
  bool has_default = false;         ///< the place has a default of its own
  Offset at = 0;
};

/// Notes of the walk over one operation or fragment, for the rules that follow fragments.
struct DefinitionFacts {
  std::vector<VariableUse> uses;
  std::vector<const FragmentSpread*> spreads;
};

/// The notes of all definitions of a document. The keys lie in the document.
struct DocumentFacts {
  std::map<const Operation*, DefinitionFacts> operations;
  std::map<std::string, DefinitionFacts, std::less<>> fragments;  ///< of the first one of each name

  /// `start`, and the notes of each fragment that it spreads, itself or through others, once.
  std::vector<const DefinitionFacts*> reached_from(const DefinitionFacts& start) const;
};

/// Names of operations, and the anonymous one alone (specification 5.2.1, 5.2.2); names of fragments (5.5.1.1).
void check_names(const Document& document, Report& report);

/// Every fragment is used (5.5.1.4) and none contains itself (5.5.2.2). False: one contains itself.
bool check_fragment_graph(const Document& document, const DocumentFacts& facts, Report& report);

/// A subscription has one root field, and it is not one of introspection (5.2.3.1). No fragment may contain itself.
void check_subscriptions(const Document& document, Report& report);

/// Variables: unique names, all defined, all used, usable where they stand (5.8.1, 5.8.3 to 5.8.5).
void check_variables(const Schema& schema, const Document& document, const DocumentFacts& facts, Report& report);

/// Fields of one response name can be merged (specification 5.3.2). No fragment may contain itself. The number of steps
/// is bounded: a document that needs more is refused (`graphql-limit`).
void check_overlapping_fields(const Schema& schema, const Document& document, Report& report);

/// Walks every definition once and checks what can be decided at one place: fields, leaves and arguments (specification
/// 5.3.1, 5.3.3, 5.4), types of fragments (5.5.1.2, 5.5.1.3, 5.5.2.1, 5.5.2.3), values (5.6), directives (5.7), types
/// and defaults of variables (5.8.2). Returns the notes that the other rules need.
DocumentFacts check_selections(const Schema& schema, const Document& document, Report& report);

/// Rules on values (specification 5.6: correct types, names, uniqueness and presence of input fields). They also note
/// the variables inside values.
class ValueRules {
 public:
  ValueRules(const Schema& schema, Report& report) : schema_{schema}, report_{report} {}

  /// Checks `value` at a place that expects `definition`.
  void check(const InputDefinition& definition, const Value& value, DefinitionFacts& facts) const {
    check(definition.type, value, definition.default_value.has_value(), facts);
  }

  void check(const TypeRef& type, const Value& value, bool has_default, DefinitionFacts& facts) const;

  /// Notes the variables of a value at an unknown place, and checks nothing.
  static void note_variables(const Value& value, DefinitionFacts& facts);

 private:
  void check_list(const TypeRef& type, const Value& value, DefinitionFacts& facts) const;
  void check_object(const TypeDefinition& type, const Value& value, DefinitionFacts& facts) const;
  void check_leaf(const TypeRef& type, const TypeDefinition& named, const Value& value) const;

  const Schema& schema_;
  Report& report_;
};

/// Checks `document` by every rule of the specification's section 5 (October 2021). An empty result: it may be
/// executed. At most 20 errors, code `graphql-validation`. The work is bounded: a document whose fields cannot be
/// compared within a fixed number of steps is refused with `graphql-limit`.
GraphqlErrors validate(const Schema& schema, const Document& document);

}  // namespace danwa::adapters::graphql
