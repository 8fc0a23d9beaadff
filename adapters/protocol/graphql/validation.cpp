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

/// The response names at a subscription's root, with a field each.
class RootFields {
 public:
  explicit RootFields(const Document& document) : document_{document} {}

  void add(const std::vector<Selection>& selections) {
    for (const auto& selection : selections) {
      std::visit(domain::Overloaded{[this](const Field& field) { fields_.emplace(field.response_name(), &field); },
                                    [this](const FragmentSpread& spread) { add(spread); },
                                    [this](const InlineFragment& fragment) { add(fragment.selections); }},
                 selection.node);
    }
  }

  const std::map<std::string_view, const Field*>& fields() const { return fields_; }

 private:
  void add(const FragmentSpread& spread) {
    if (!seen_.insert(spread.name).second) return;
    if (const auto* fragment = document_.find_fragment(spread.name)) add(fragment->selections);
  }

  const Document& document_;
  std::map<std::string_view, const Field*> fields_;
  std::set<std::string_view> seen_;
};

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

bool check_fragment_graph(const Document& document, const DocumentFacts& facts, Report& report) {
  std::set<std::string_view> used;
  std::vector<const DefinitionFacts*> open;
  for (const auto& [ignored, operation] : facts.operations) open.push_back(&operation);
  while (!open.empty()) {
    const auto* definition = open.back();
    open.pop_back();
    for (const auto* spread : definition->spreads) {
      const auto found = facts.fragments.find(spread->name);
      if (found != facts.fragments.end() && used.insert(spread->name).second) open.push_back(&found->second);
    }
  }
  for (const auto& fragment : document.fragments) {
    if (!used.contains(fragment.name))
      report.add("The fragment " + in_quotes(fragment.name) + " is not used.", {fragment.at});
  }
  return CycleSearch{facts, report}.run();
}

void check_subscriptions(const Document& document, Report& report) {
  for (const auto& operation : document.operations) {
    if (operation.type != OperationType::subscription) continue;
    RootFields root{document};
    root.add(operation.selections);
    if (root.fields().size() > 1) report.add("A subscription must have exactly one field.", {operation.at});
    for (const auto& [ignored, field] : root.fields()) {
      if (field->name.starts_with("__")) {
        report.add("A subscription's field must not be one of introspection.", {field->at});
      }
    }
  }
}

}  // namespace danwa::adapters::graphql
