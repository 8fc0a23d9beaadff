#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/protocol/graphql/error.hpp"

namespace danwa::adapters::graphql {

struct Argument;

/// A value as it is written in a GraphQL text.
struct Value {
  enum class Kind { variable, integer, floating, string, boolean, null, enumeration, list, object };

  Kind kind = Kind::null;
  std::string text;  ///< variable: its name; numbers: as written; string: decoded; boolean, enumeration: the word
  std::vector<Value> items;      ///< of a list
  std::vector<Argument> fields;  ///< of an object, in order, names may repeat until validated
  Offset at = 0;
};

/// An argument, or a field of an object.
struct Argument {
  std::string name;
  Value value;
  Offset at = 0;
};

/// `Name`, `[Type]`, and either with `!`.
struct TypeRef {
  std::string name;           ///< empty for a list
  std::vector<TypeRef> item;  ///< of a list: its one item type
  bool required = false;      ///< ends with `!`
  Offset at = 0;

  bool is_list() const { return !item.empty(); }
  const std::string& named() const { return is_list() ? item.front().named() : name; }  ///< the innermost name
  std::string to_string() const;
};

struct Directive {
  std::string name;
  std::vector<Argument> arguments;
  Offset at = 0;
};

struct Selection;

struct Field {
  std::string alias;  ///< empty without one
  std::string name;
  std::vector<Argument> arguments;
  std::vector<Directive> directives;
  std::vector<Selection> selections;
  Offset at = 0;

  const std::string& response_name() const { return alias.empty() ? name : alias; }
};

struct FragmentSpread {
  std::string name;
  std::vector<Directive> directives;
  Offset at = 0;
};

struct InlineFragment {
  std::string on;  ///< type condition; empty without one
  std::vector<Directive> directives;
  std::vector<Selection> selections;
  Offset at = 0;
};

struct Selection {
  std::variant<Field, FragmentSpread, InlineFragment> node;
};

struct VariableDefinition {
  std::string name;
  TypeRef type;
  std::optional<Value> default_value;
  std::vector<Directive> directives;
  Offset at = 0;
};

enum class OperationType { query, mutation, subscription };

std::string_view to_text(OperationType type);

struct Operation {
  OperationType type = OperationType::query;
  std::string name;  ///< empty when anonymous
  std::vector<VariableDefinition> variables;
  std::vector<Directive> directives;
  std::vector<Selection> selections;
  Offset at = 0;
};

struct Fragment {
  std::string name;
  std::string on;
  std::vector<Directive> directives;
  std::vector<Selection> selections;
  Offset at = 0;
};

/// An executable document. Immutable once parsed, so any thread may read it.
struct Document {
  std::string source;      ///< the text, which the offsets point into
  std::size_t tokens = 0;  ///< number of tokens that it was read from; the trees grow with it
  std::vector<Operation> operations;
  std::vector<Fragment> fragments;
  std::map<std::string, std::size_t, std::less<>> fragment_places;  ///< in `fragments`, the first of each name

  const Fragment* find_fragment(std::string_view name) const;
  Location locate(Offset at) const { return graphql::locate(source, at); }
};

/// Prints `value` as GraphQL text on one line. Reading the text gives the same value.
std::string print(const Value& value);

}  // namespace danwa::adapters::graphql
