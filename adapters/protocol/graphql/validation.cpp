#include "adapters/protocol/graphql/validation.hpp"

#include <set>

#include "domain/core/result.hpp"

// Runs every rule of the specification on a document, because execution and coercion rely on them. One walk over each
// operation and fragment checks what can be decided at one place, and notes spreads and uses of variables
// (DocumentFacts). Rules that follow fragments use these notes, so no fragment is walked again for each of its uses.
// Rules that expand fragments come last, and only if no fragment contains itself: they would not end.

namespace danwa::adapters::graphql {

GraphqlErrors validate(const Schema& schema, const Document& document) {
  Report report{document};
  check_names(document, report);
  const auto facts = check_selections(schema, document, report);
  check_variables(schema, document, facts, report);
  if (check_fragment_graph(document, facts, report)) {
    check_subscriptions(document, report);
    check_overlapping_fields(schema, document, report);
  }
  return report.take();
}

namespace {

/// Looks for fragments that contain themselves, depth first.
class CycleSearch {
 public:
  CycleSearch(const DocumentFacts& facts, Report& report) : facts_{facts}, report_{report} {}

  bool run() {
    for (const auto& [name, ignored] : facts_.fragments) visit(name);
    return !found_;
  }

 private:
  enum class State { open, done };

  void visit(std::string_view name) {
    const auto found = facts_.fragments.find(name);
    if (found == facts_.fragments.end() || !states_.emplace(name, State::open).second) return;
    for (const auto* spread : found->second.spreads) {
      const auto state = states_.find(spread->name);
      if (state != states_.end() && state->second == State::open) {
        report_.add("The fragment " + in_quotes(spread->name) + " contains itself.", {spread->at});
        found_ = true;
      }
      visit(spread->name);
    }
    states_[name] = State::done;
  }

  const DocumentFacts& facts_;
  Report& report_;
  std::map<std::string_view, State> states_;
  bool found_ = false;
};

/// Gathers the response names at a subscription's root, with a field each. `seen`: the fragments that were expanded.
void add_root_fields(const Document& document, const std::vector<Selection>& selections,
                     std::map<std::string_view, const Field*>& fields, std::set<std::string_view>& seen) {
  const domain::Overloaded add{
      [&](const Field& field) { fields.emplace(field.response_name(), &field); },
      [&](const FragmentSpread& spread) {
        const auto* fragment = document.find_fragment(spread.name);
        if (fragment && seen.insert(spread.name).second) add_root_fields(document, fragment->selections, fields, seen);
      },
      [&](const InlineFragment& fragment) { add_root_fields(document, fragment.selections, fields, seen); },
  };
  for (const auto& selection : selections) std::visit(add, selection.node);
}

}  // namespace

void check_names(const Document& document, Report& report) {
  std::set<std::string_view> names;
  for (const auto& operation : document.operations) {
    if (operation.name.empty()) {
      if (document.operations.size() > 1) {
        report.add("An operation without a name must be the only one of its document.", {operation.at});
      }
    } else if (!names.insert(operation.name).second) {
      report.add("There are two operations named " + in_quotes(operation.name) + '.', {operation.at});
    }
  }
  names.clear();
  for (const auto& fragment : document.fragments) {
    if (names.insert(fragment.name).second) continue;
    report.add("There are two fragments named " + in_quotes(fragment.name) + '.', {fragment.at});
  }
}

std::vector<const DefinitionFacts*> DocumentFacts::reached_from(const DefinitionFacts& start) const {
  std::vector<const DefinitionFacts*> open{&start};
  std::vector<const DefinitionFacts*> reached;
  std::set<std::string_view> seen;
  while (!open.empty()) {
    const auto* definition = open.back();
    open.pop_back();
    reached.push_back(definition);
    for (const auto* spread : definition->spreads) {
      const auto found = fragments.find(spread->name);
      if (found != fragments.end() && seen.insert(spread->name).second) open.push_back(&found->second);
    }
  }
  return reached;
}

bool check_fragment_graph(const Document& document, const DocumentFacts& facts, Report& report) {
  std::set<const DefinitionFacts*> used;
  for (const auto& [ignored, operation] : facts.operations) {
    for (const auto* definition : facts.reached_from(operation)) used.insert(definition);
  }
  for (const auto& fragment : document.fragments) {
    if (used.contains(&facts.fragments.at(fragment.name))) continue;
    report.add("The fragment " + in_quotes(fragment.name) + " is not used.", {fragment.at});
  }
  return CycleSearch{facts, report}.run();
}

void check_subscriptions(const Document& document, Report& report) {
  for (const auto& operation : document.operations) {
    if (operation.type != OperationType::subscription) continue;
    std::map<std::string_view, const Field*> fields;
    std::set<std::string_view> seen;
    add_root_fields(document, operation.selections, fields, seen);
    if (fields.size() > 1) report.add("A subscription must have exactly one field.", {operation.at});
    for (const auto& [ignored, field] : fields) {
      if (field->name.starts_with("__")) {
        report.add("A subscription's field must not be one of introspection.", {field->at});
      }
    }
  }
}

}  // namespace danwa::adapters::graphql
