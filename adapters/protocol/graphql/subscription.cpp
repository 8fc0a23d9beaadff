#include "adapters/protocol/graphql/subscription.hpp"

namespace danwa::adapters::graphql {
namespace {

constexpr std::size_t kMaxFingerprint = 16 * 1024;  // bytes
constexpr std::size_t kMaxWork = 100'000;           // selections examined

/// Writes out a plan, one object type after another.
class Fingerprint {
 public:
  explicit Fingerprint(const Schema& schema) : schema_{schema} {}

  /// False: the text would be too long.
  bool add(const PlannedField& field) {
    text_ += field.response_name;
    if (field.response_name != field.definition->name) text_ += ':' + field.definition->name;
    if (field.arguments && !field.arguments->empty() && depth_ > 0) text_ += field.arguments->dump();
    if (text_.size() > kMaxFingerprint) return false;
    if (!field.below) return true;
    const auto& type = *schema_.find(field.definition->type.named());
    if (!type.is_abstract()) return add(*field.below, type);
    for (const auto& member : type.members) {
      text_ += '|' + member;
      if (!add(*field.below, *schema_.find(member))) return false;
    }
    return true;
  }

  std::string take() { return std::move(text_); }

 private:
  bool add(Plan& plan, const TypeDefinition& type) {
    ++depth_;
    text_ += '{';
    for (const auto& field : plan.of(type, work_)) {
      if (text_.back() != '{') text_ += ' ';
      if (!add(field)) return false;
    }
    text_ += '}';
    --depth_;
    return work_ <= kMaxWork && text_.size() <= kMaxFingerprint;
  }

  const Schema& schema_;
  std::string text_;
  std::size_t work_ = 0;
  int depth_ = 0;  // the event's own arguments do not count
};

}  // namespace

Outcome<Subscription> prepare_subscription(Prepared prepared) {
  Plan plan{prepared, {&prepared.operation.selections}};
  std::size_t work = 0;
  const auto& fields = plan.of(*prepared.schema.root(OperationType::subscription), work);
  if (fields.size() != 1) return refuse(GraphqlError{"The subscription asks for no field.", "graphql-operation"});
  const auto& field = fields.front();
  if (!field.arguments) return refuse(field.arguments.error());
  Fingerprint fingerprint{prepared.schema};
  if (!fingerprint.add(field)) return refuse(GraphqlError{"The subscription asks for too much.", "graphql-limit"});
  return Subscription{field.definition->name, std::string{field.response_name}, *field.arguments, fingerprint.take(),
                      std::move(prepared)};
}

nlohmann::ordered_json project(const Subscription& subscription, const nlohmann::json& event) {
  OperationRun run{subscription.prepared, ExecutionLimits{}};
  run.answer(event);  // of the one root field
  return run.result();
}

}  // namespace danwa::adapters::graphql
