#include "adapters/protocol/graphql/document.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "adapters/protocol/graphql/language.hpp"

namespace danwa::adapters::graphql {
namespace {

const std::string kName = "_aZ09";

Value any_leaf() {
  Value value;
  value.kind =
      *rc::gen::element(Value::Kind::variable, Value::Kind::integer, Value::Kind::floating, Value::Kind::string,
                        Value::Kind::boolean, Value::Kind::null, Value::Kind::enumeration);
  const auto digits = std::to_string(*rc::gen::arbitrary<std::int64_t>());
  if (value.kind == Value::Kind::variable || value.kind == Value::Kind::enumeration) value.text = kName;
  if (value.kind == Value::Kind::integer) value.text = digits;
  if (value.kind == Value::Kind::floating) value.text = digits + *rc::gen::element<std::string>(".5", "e-9", ".0E+1");
  if (value.kind == Value::Kind::boolean) value.text = *rc::gen::element<std::string>("true", "false");
  if (value.kind == Value::Kind::null) value.text = "null";
  if (value.kind == Value::Kind::string) {
    for (const auto& piece : *rc::gen::container<std::vector<std::string>>(
             rc::gen::element<std::string>("a", "\"", "\\", "\n", "\x01", "/", "é", "😀", "#", "{", "\"\"\"", "\x7F"))) {
      value.text += piece;
    }
  }
  return value;
}

Value any_value(int depth) {
  Value value;
  const int choice = depth == 0 ? 0 : *rc::gen::inRange(0, 3);
  if (choice == 0) return any_leaf();
  const int size = *rc::gen::inRange(0, 4);
  value.kind = choice == 1 ? Value::Kind::list : Value::Kind::object;
  for (int i = 0; i < size; ++i) {
    if (choice == 1) value.items.push_back(any_value(depth - 1));
    if (choice == 2) value.fields.push_back({kName + std::to_string(i), any_value(depth - 1), 0});
  }
  return value;
}

bool same(const Value& left, const Value& right) {
  if (left.kind != right.kind || left.text != right.text || left.items.size() != right.items.size() ||
      left.fields.size() != right.fields.size()) {
    return false;
  }
  for (std::size_t i = 0; i < left.items.size(); ++i) {
    if (!same(left.items[i], right.items[i])) return false;
  }
  for (std::size_t i = 0; i < left.fields.size(); ++i) {
    if (left.fields[i].name != right.fields[i].name || !same(left.fields[i].value, right.fields[i].value)) return false;
  }
  return true;
}

RC_GTEST_PROP(GraphqlPrint, ReadingWhatWasPrintedGivesTheSameValue, ()) {
  const auto value = any_value(3);
  const auto text = print(value);
  const auto document = parse("{a(b: " + text + ")}");
  RC_LOG() << text;
  RC_ASSERT(document.has_value());
  RC_ASSERT(same(std::get<Field>(document->operations[0].selections[0].node).arguments[0].value, value));
}

}  // namespace
}  // namespace danwa::adapters::graphql
