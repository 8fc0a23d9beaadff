#include "adapters/protocol/graphql/execution.hpp"

#include <set>
#include <unordered_map>
#include <utility>

#include "adapters/protocol/graphql/coercion.hpp"

// Two halves. A Plan says which fields an answer has at one place of the document, for each object type: fragments,
// `@skip` and `@include` are resolved, and fields of one response name are merged. It is made when the first value of
// that type arrives, and kept, so a list is planned once and not once per element. OperationRun walks the root fields
// in the order of the query and asks its caller for each value. It never waits itself, so the caller may wait as it
// likes. Introspection is answered here, without the caller.

namespace danwa::adapters::graphql {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

/// Gathers the fields of one object type; those of one response name become one.
class FieldCollector {
 public:
  FieldCollector(const Prepared& source, const TypeDefinition& object) : source_{source}, object_{object} {}

  void add(const std::vector<Selection>& selections) {
    work_ += selections.size();
    for (const auto& selection : selections) {
      std::visit([this](const auto& node) { add(node); }, selection.node);
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
    if (!definition) return;  // impossible in a validated document
    const auto [place, is_new] = places_.emplace(field.response_name(), out_.size());
    if (is_new) out_.push_back({field.response_name(), definition, {}, nlohmann::json(), nullptr});
    out_[place->second].fields.push_back(&field);
  }

  void add(const FragmentSpread& spread) {
    if (!wanted(spread.directives) || !seen_.insert(spread.name).second) return;
    const auto* fragment = source_.document->find_fragment(spread.name);
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
      const auto arguments = coerce_arguments(source_, definition->arguments, directive.arguments, directive.at);
      const bool condition = arguments && arguments->value("if", false);
      if (condition == skip) return false;
    }
    return true;
  }

  void finish(PlannedField& planned) const {
    const Field& first = *planned.fields.front();
    planned.arguments = coerce_arguments(source_, planned.definition->arguments, first.arguments, first.at);
    if (first.selections.empty()) return;
    Plan::Selections below;
    for (const auto* field : planned.fields) below.push_back(&field->selections);
    planned.below = std::make_unique<Plan>(source_, std::move(below));
  }

  const Prepared& source_;
  const TypeDefinition& object_;
  std::vector<PlannedField> out_;
  std::unordered_map<std::string_view, std::size_t> places_;  // response name -> index in out_
  std::size_t work_ = 0;
  std::set<std::string_view> seen_;  // fragments that were spread already
};

/// The value of a root field of introspection; nullopt for other fields.
std::optional<Json> introspect(const Schema& schema, const TypeDefinition& root, const PlannedField& field) {
  const auto& name = field.definition->name;
  if (name == "__typename") return Json(root.name);
  if (name == "__schema") return schema.introspection()["schema"];
  if (name != "__type" || !field.arguments) return std::nullopt;
  const auto& types = schema.introspection()["types"];
  const auto found = types.find(field.arguments->at("name").get_ref<const std::string&>());
  return found == types.end() ? Json(nullptr) : *found;
}

const std::vector<PlannedField>& root_fields(Plan& plan, const TypeDefinition& root) {
  std::size_t work = 0;  // one plan is bounded by the document's size
  return plan.of(root, work);
}

}  // namespace

Plan::Plan(const Prepared& source, Selections selections) : source_{source}, selections_{std::move(selections)} {}
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

Outcome<const Operation*> select_operation(const Document& document, std::string_view name) {
  if (name.empty()) {
    if (document.operations.size() == 1) return &document.operations.front();
    const char* message = document.operations.empty() ? "The document has no operation."
                                                      : "The document has several operations; name the one to run.";
    return refuse({message, "graphql-operation", "operationName"});
  }
  for (const auto& operation : document.operations) {
    if (operation.name == name) return &operation;
  }
  return refuse({"The document has no operation of that name.", "graphql-operation", "operationName"});
}

OperationRun::OperationRun(const Prepared& source, const ExecutionLimits& limits)
    : source_{source},
      root_{*source.schema.root(source.type())},
      most_fields_{limits.max_root_fields},
      plan_{source_, {&source.operation.selections}},
      completion_{source_, limits.max_answer_bytes},
      fields_{root_fields(plan_, root_)} {
  if (fields_.size() <= most_fields_) data_ = OrderedJson::object();
}

std::optional<OperationRun::RootField> OperationRun::next() {
  while (data_ && !completion_.exhausted() && place_ < fields_.size()) {
    const auto& field = fields_[place_];
    if (!field.arguments) {
      fail(field.arguments.error());
    } else if (const auto known = introspect(source_.schema, root_, field)) {
      answer(*known);
    } else {
      return RootField{root_.name + '.' + field.definition->name, *field.arguments};
    }
  }
  return std::nullopt;
}

void OperationRun::answer(const Json& value) {
  const auto& field = fields_[place_];
  take(completion_.complete(field, value, PathStep{nullptr, field.response_name}));
}

void OperationRun::fail(GraphqlErrors errors) {
  const auto& field = fields_[place_];
  take(completion_.failed(field, std::move(errors), PathStep{nullptr, field.response_name}));
}

void OperationRun::take(std::optional<OrderedJson> answer) {
  const auto& field = fields_[place_++];
  if (completion_.exhausted()) return;
  if (answer) {
    (*data_)[std::string{field.response_name}] = std::move(*answer);
  } else {
    data_.reset();
  }
}

OrderedJson OperationRun::result() {
  if (fields_.size() > most_fields_) {
    const auto most = std::to_string(most_fields_);
    return failed_request({{"An operation may have at most " + most + " fields at its root.", "graphql-limit"}});
  }
  return completion_.answer(std::move(data_));
}

}  // namespace danwa::adapters::graphql
