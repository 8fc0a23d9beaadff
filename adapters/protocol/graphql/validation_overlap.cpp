#include <algorithm>
#include <map>
#include <set>

#include "adapters/protocol/graphql/document.hpp"
#include "adapters/protocol/graphql/validation.hpp"
#include "domain/core/result.hpp"

// Fields of one response name at one place must merge into one answer. Comparing every pair of fields can cost the
// square of the document. Here each field is compared with the first of its group, which is enough, because "same
// shape" and "same field with the same arguments" are transitive. The selections below a group are merged before they
// are compared, and a merged set that was seen before is not compared again. Nested fragments can still multiply the
// sets, so the number of steps is bounded.

namespace danwa::adapters::graphql {
namespace {

constexpr std::size_t kMaxSteps = 100'000;  // fields examined; a document that needs more is refused

/// A field at a place whose type is known.
struct PlacedField {
  const Field* field;
  const TypeDefinition* parent;
  const FieldDefinition* definition;

  friend auto operator<=>(const PlacedField&, const PlacedField&) = default;
};
using FieldSet = std::vector<PlacedField>;

bool same_arguments(const Field& left, const Field& right) {
  if (left.arguments.size() != right.arguments.size()) return false;
  return std::all_of(left.arguments.begin(), left.arguments.end(), [&right](const Argument& argument) {
    const auto same = [&argument](const Argument& other) {
      return other.name == argument.name && print(other.value) == print(argument.value);
    };
    return std::any_of(right.arguments.begin(), right.arguments.end(), same);
  });
}

class OverlapCheck {
 public:
  OverlapCheck(const Schema& schema, const Document& document, Report& report)
      : schema_{schema}, document_{document}, report_{report} {}

  void run() {
    for (const auto& operation : document_.operations) start(schema_.root(operation.type), operation.selections);
    for (const auto& fragment : document_.fragments) start(schema_.find(fragment.on), fragment.selections);
    if (steps_ > kMaxSteps) report_.add_limit("The fields of the document are too many to be compared.");
  }

 private:
  void start(const TypeDefinition* type, const std::vector<Selection>& selections) {
    if (!type) return;
    FieldSet set;
    std::set<std::string_view> seen;
    collect(*type, selections, set, seen);
    check_shapes(set);
    check_sameness(set);
  }

  /// The fields of `selections`, fragments expanded, each fragment once.
  void collect(const TypeDefinition& parent, const std::vector<Selection>& selections, FieldSet& into,
               std::set<std::string_view>& seen) {
    for (const auto& selection : selections) {
      if (++steps_ > kMaxSteps) return;
      std::visit(domain::Overloaded{[&](const Field& field) {
                                      const auto* definition = schema_.find_field(parent, field.name);
                                      if (definition) into.push_back({&field, &parent, definition});
                                    },
                                    [&](const FragmentSpread& spread) {
                                      const auto* fragment = document_.find_fragment(spread.name);
                                      if (!fragment || !seen.insert(spread.name).second) return;
                                      collect_on(fragment->on, parent, fragment->selections, into, seen);
                                    },
                                    [&](const InlineFragment& fragment) {
                                      collect_on(fragment.on, parent, fragment.selections, into, seen);
                                    }},
                 selection.node);
    }
  }

  void collect_on(const std::string& condition, const TypeDefinition& parent, const std::vector<Selection>& selections,
                  FieldSet& into, std::set<std::string_view>& seen) {
    const auto* type = condition.empty() ? &parent : schema_.find(condition);
    if (type && type->is_composite()) collect(*type, selections, into, seen);
  }

  /// The selections below all fields of a group, merged.
  FieldSet below(const FieldSet& group) {
    FieldSet out;
    std::set<std::string_view> seen;
    for (const auto& placed : group) {
      const auto* type = schema_.find(placed.definition->type.named());
      if (type->is_composite()) collect(*type, placed.field->selections, out, seen);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  static std::map<std::string_view, FieldSet> by_response_name(const FieldSet& set) {
    std::map<std::string_view, FieldSet> groups;
    for (const auto& placed : set) groups[placed.field->response_name()].push_back(placed);
    return groups;
  }

  /// SameResponseShape(): for every object that can occur, one response name has one kind of value.
  void check_shapes(const FieldSet& set) {
    if (set.empty() || steps_ > kMaxSteps || !checked_shapes_.insert(set).second) return;
    for (const auto& [name, group] : by_response_name(set)) {
      const PlacedField& first = group.front();
      const auto wrong = std::find_if(group.begin(), group.end(), [this, &first](const PlacedField& placed) {
        return !same_shape(first.definition->type, placed.definition->type);
      });
      if (wrong != group.end()) {
        complain(name, "they give different types", first, *wrong);
      } else {
        check_shapes(below(group));
      }
    }
  }

  bool same_shape(const TypeRef& left, const TypeRef& right) const {
    if (left.required != right.required || left.is_list() != right.is_list()) return false;
    if (left.is_list()) return same_shape(left.item.front(), right.item.front());
    if (left.name == right.name) return true;
    return schema_.find(left.name)->is_composite() && schema_.find(right.name)->is_composite();
  }

  /// FieldsInSetCanMerge() for parents that can be the same object: the same field with the same arguments.
  void check_sameness(const FieldSet& set) {
    if (set.empty() || steps_ > kMaxSteps || !checked_sameness_.insert(set).second) return;
    for (const auto& [name, group] : by_response_name(set)) {
      for (const auto& part : by_parent(group)) check_part(name, part);
    }
  }

  /// A part for each object type, with the fields of all interfaces and unions.
  std::vector<FieldSet> by_parent(const FieldSet& group) {
    std::map<const TypeDefinition*, FieldSet> objects;
    FieldSet abstracts;
    for (const auto& placed : group) {
      (placed.parent->is_abstract() ? abstracts : objects[placed.parent]).push_back(placed);
    }
    if (objects.empty()) return {std::move(abstracts)};
    std::vector<FieldSet> parts;
    for (auto& [ignored, part] : objects) {
      steps_ += abstracts.size();
      part.insert(part.end(), abstracts.begin(), abstracts.end());
      parts.push_back(std::move(part));
    }
    return parts;
  }

  void check_part(std::string_view name, const FieldSet& part) {
    const PlacedField& first = part.front();
    for (const auto& placed : part) {
      if (placed.field->name != first.field->name) {
        return complain(
            name, in_quotes(first.field->name) + " and " + in_quotes(placed.field->name) + " are different fields",
            first, placed);
      }
      if (!same_arguments(*first.field, *placed.field)) {
        return complain(name, "their arguments differ", first, placed);
      }
    }
    check_sameness(below(part));
  }

  void complain(std::string_view name, const std::string& why, const PlacedField& left, const PlacedField& right) {
    if (!complained_.insert({left.field, right.field}).second) return;
    report_.add("The fields " + in_quotes(name) + " cannot be merged: " + why + ". Give one of them another alias.",
                {std::min(left.field->at, right.field->at), std::max(left.field->at, right.field->at)});
  }

  const Schema& schema_;
  const Document& document_;
  Report& report_;
  std::size_t steps_ = 0;
  std::set<FieldSet> checked_shapes_;
  std::set<FieldSet> checked_sameness_;
  std::set<std::pair<const Field*, const Field*>> complained_;
};

}  // namespace

void check_overlapping_fields(const Schema& schema, const Document& document, Report& report) {
  OverlapCheck{schema, document, report}.run();
}

}  // namespace danwa::adapters::graphql
