#include "adapters/graphql/plan.hpp"

#include <set>
#include <unordered_map>

#include "adapters/graphql/coerce.hpp"

namespace danwa::adapters::graphql {
namespace {

/// Gathers the fields of one object type, those of one response name together.
class FieldCollector {
 public:
  FieldCollector(const PlanSource& source, const TypeDefinition& object) : source_{source}, object_{object} {}

  void add(const std::vector<Selection>& selections) {
    work_ += selections.size();
    for (const auto& selection : selections) {
      std::visit(
          EachKind{[this](const Field& field) { add(field); }, [this](const FragmentSpread& spread) { add(spread); },
                   [this](const InlineFragment& inline_fragment) { add(inline_fragment); }},
          selection.node);
    }
  }

  std::size_t work() const { return work_; }

  std::vector<PlannedField> take() {
    for (auto& planned : out_) finish(planned);
    return std::move(out_);
  }

 private:
  void add(const Field& field) {
    if (!wanted(field.directives)) return;
    const auto* definition = source_.schema.find_field(object_, field.name);
    if (!definition) return;  // cannot be, in a validated document
    const auto [place, is_new] = places_.emplace(field.response_name(), out_.size());
    if (is_new) out_.push_back({field.response_name(), definition, {}, nlohmann::json(), nullptr});
    out_[place->second].fields.push_back(&field);
  }

  void add(const FragmentSpread& spread) {
    if (!wanted(spread.directives) || !seen_.insert(spread.name).second) return;
    const auto* fragment = source_.document.find_fragment(spread.name);
    if (fragment && source_.schema.applies(object_, fragment->on)) add(fragment->selections);
  }

  void add(const InlineFragment& fragment) {
    if (wanted(fragment.directives) && source_.schema.applies(object_, fragment.on)) add(fragment.selections);
  }

  bool wanted(const std::vector<Directive>& directives) const {
    for (const auto& directive : directives) {
      const bool skip = directive.name == "skip";
      if (!skip && directive.name != "include") continue;
      const auto* definition = source_.schema.find_directive(directive.name);
      const auto arguments = coerce_arguments(source_.schema, source_.document, definition->arguments,
                                              directive.arguments, source_.variables, directive.at);
      const bool condition = arguments && arguments->value("if", false);
      if (condition == skip) return false;
    }
    return true;
  }

  void finish(PlannedField& planned) const {
    const Field& first = *planned.fields.front();
    planned.arguments = coerce_arguments(source_.schema, source_.document, planned.definition->arguments,
                                         first.arguments, source_.variables, first.at);
    if (first.selections.empty()) return;
    Plan::Selections below;
    for (const auto* field : planned.fields) below.push_back(&field->selections);
    planned.below = std::make_unique<Plan>(source_, std::move(below));
  }

  const PlanSource& source_;
  const TypeDefinition& object_;
  std::vector<PlannedField> out_;
  std::unordered_map<std::string_view, std::size_t> places_;  // response name -> index in out_
  std::size_t work_ = 0;
  std::set<std::string_view> seen_;  // fragments that were spread already
};

}  // namespace

Plan::Plan(const PlanSource& source, Selections selections) : source_{source}, selections_{std::move(selections)} {}
Plan::~Plan() = default;

const std::vector<PlannedField>& Plan::of(const TypeDefinition& object, std::size_t& work) {
  const auto [place, is_new] = fields_.try_emplace(&object);
  if (is_new) {
    FieldCollector collector{source_, object};
    for (const auto* selections : selections_) collector.add(*selections);
    work += collector.work();
    place->second = collector.take();
  }
  return place->second;
}

}  // namespace danwa::adapters::graphql
