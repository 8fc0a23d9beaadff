#include <set>

#include "adapters/protocol/graphql/validation.hpp"

// The one walk over each operation and fragment. It checks what can be decided at one place: fields, arguments,
// directives, the types of fragments and variables. It notes spreads and uses of variables for the rules that follow
// fragments. It does not enter a spread, so its cost is linear in the document. Below an unknown field or type it goes
// on without a type: one mistake then neither hides others nor makes a variable look unused.

namespace danwa::adapters::graphql {
namespace {

const char* operation_location(OperationType type) {
  switch (type) {
    case OperationType::query:
      return "QUERY";
    case OperationType::mutation:
      return "MUTATION";
    case OperationType::subscription:
      return "SUBSCRIPTION";
  }
  return "";
}

/// Walks one definition. `parent` is null below something unknown, where only directives, variables and spreads are
/// examined.
class SelectionWalk {
 public:
  SelectionWalk(const Schema& schema, const Document& document, Report& report, DefinitionFacts& facts)
      : schema_{schema}, document_{document}, report_{report}, values_{schema, report}, facts_{facts} {}

  void operation(const Operation& operation) {
    const auto* root = schema_.root(operation.type);
    if (!root) report_.add("There are no " + std::string{to_text(operation.type)} + "s here.", {operation.at});
    for (const auto& variable : operation.variables) check_variable(variable);
    check_directives(operation.directives, operation_location(operation.type));
    selections(root, operation.selections);
  }

  void fragment(const Fragment& fragment) {
    check_directives(fragment.directives, "FRAGMENT_DEFINITION");
    selections(composite(fragment.on, fragment.at), fragment.selections);
  }

 private:
  void selections(const TypeDefinition* parent, const std::vector<Selection>& list) {
    for (const auto& selection : list) {
      std::visit([this, parent](const auto& node) { check(parent, node); }, selection.node);
    }
  }

  void check(const TypeDefinition* parent, const Field& field) {
    check_directives(field.directives, "FIELD");
    const auto* definition = parent ? schema_.find_field(*parent, field.name) : nullptr;
    if (parent && !definition) {
      report_.add("The type " + parent->name + " has no field " + in_quotes(field.name) + '.', {field.at});
    }
    if (!definition) {
      for (const auto& argument : field.arguments) ValueRules::note_variables(argument.value, facts_);
      return selections(nullptr, field.selections);
    }
    check_arguments("field " + in_quotes(field.name), definition->arguments, field.arguments, field.at);
    const auto* type = schema_.find(definition->type.named());
    if (type->is_leaf() && !field.selections.empty()) {
      report_.add("The field " + in_quotes(field.name) + " of type " + definition->type.to_string() +
                      " has no fields of its own.",
                  {field.at});
    }
    if (type->is_composite() && field.selections.empty()) {
      report_.add("The field " + in_quotes(field.name) + " of type " + definition->type.to_string() +
                      " needs a selection of its fields.",
                  {field.at});
    }
    selections(type->is_composite() ? type : nullptr, field.selections);
  }

  void check(const TypeDefinition* parent, const FragmentSpread& spread) {
    check_directives(spread.directives, "FRAGMENT_SPREAD");
    facts_.spreads.push_back(&spread);
    const auto* fragment = document_.find_fragment(spread.name);
    if (!fragment) return report_.add("There is no fragment " + in_quotes(spread.name) + '.', {spread.at});
    const auto* type = schema_.find(fragment->on);
    if (!parent || !type || !type->is_composite() || schema_.overlap(*parent, *type)) return;
    report_.add("The fragment " + in_quotes(spread.name) + " cannot be spread here: no " + parent->name +
                    " is ever a " + type->name + '.',
                {spread.at});
  }

  void check(const TypeDefinition* parent, const InlineFragment& fragment) {
    check_directives(fragment.directives, "INLINE_FRAGMENT");
    const auto* type = fragment.on.empty() ? parent : composite(fragment.on, fragment.at);
    if (parent && type && !schema_.overlap(*parent, *type)) {
      report_.add("A fragment cannot be spread here: no " + parent->name + " is ever a " + type->name + '.',
                  {fragment.at});
    }
    selections(type, fragment.selections);
  }

  const TypeDefinition* composite(const std::string& name, Offset at) {
    const auto* type = schema_.find(name);
    if (!type) {
      report_.add("There is no type " + in_quotes(name) + '.', {at});
    } else if (!type->is_composite()) {
      report_.add("A fragment cannot be on " + name + ", which has no fields.", {at});
      return nullptr;
    }
    return type;
  }

  void check_directives(const std::vector<Directive>& directives, std::string_view location) {
    std::set<std::string_view> seen;
    for (const auto& directive : directives) {
      const std::string name = "directive @" + directive.name.substr(0, 64);
      const auto* definition = schema_.find_directive(directive.name);
      if (!definition) {
        report_.add("There is no " + name + '.', {directive.at});
        for (const auto& argument : directive.arguments) ValueRules::note_variables(argument.value, facts_);
        continue;
      }
      if (!definition->locations.contains(location)) report_.add("The " + name + " cannot stand here.", {directive.at});
      if (!definition->repeatable && !seen.insert(directive.name).second) {
        report_.add("The " + name + " can stand here only once.", {directive.at});
      }
      check_arguments(name, definition->arguments, directive.arguments, directive.at);
    }
  }

  void check_arguments(const std::string& owner, const std::vector<InputDefinition>& definitions,
                       const std::vector<Argument>& given, Offset at) {
    std::set<std::string_view> names;
    for (const auto& argument : given) {
      if (!names.insert(argument.name).second) {
        report_.add("The argument " + in_quotes(argument.name) + " is given twice.", {argument.at});
      }
      if (const auto* definition = find_by_name(definitions, argument.name)) {
        values_.check(*definition, argument.value, facts_);
      } else {
        report_.add("The " + owner + " has no argument " + in_quotes(argument.name) + '.', {argument.at});
        ValueRules::note_variables(argument.value, facts_);
      }
    }
    for (const auto& definition : definitions) {
      if (!definition.required() || names.contains(definition.name)) continue;
      report_.add("The " + owner + " needs the argument " + in_quotes(definition.name) + " of type " +
                      definition.type.to_string() + '.',
                  {at});
    }
  }

  void check_variable(const VariableDefinition& variable) {
    check_directives(variable.directives, "VARIABLE_DEFINITION");
    const auto* type = schema_.find(variable.type.named());
    if (!type) {
      report_.add("There is no type " + in_quotes(variable.type.named()) + '.', {variable.type.at});
    } else if (!type->is_input()) {
      report_.add("The variable $" + variable.name.substr(0, 64) + " cannot be of type " + type->name +
                      ", which only answers have.",
                  {variable.type.at});
    } else if (variable.default_value) {
      values_.check(variable.type, *variable.default_value, false, facts_);
    }
  }

  const Schema& schema_;
  const Document& document_;
  Report& report_;
  ValueRules values_;
  DefinitionFacts& facts_;
};

}  // namespace

DocumentFacts check_selections(const Schema& schema, const Document& document, Report& report) {
  DocumentFacts facts;
  for (const auto& operation : document.operations) {
    SelectionWalk{schema, document, report, facts.operations[&operation]}.operation(operation);
  }
  for (const auto& fragment : document.fragments) {
    SelectionWalk{schema, document, report, facts.fragments[fragment.name]}.fragment(fragment);
  }
  return facts;
}

}  // namespace danwa::adapters::graphql
