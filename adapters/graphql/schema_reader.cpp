#include "adapters/graphql/schema_reader.hpp"

#include <utility>

#include "adapters/graphql/lexer.hpp"
#include "adapters/graphql/syntax.hpp"

namespace danwa::adapters::graphql {
namespace {

constexpr ParseLimits kLimits{.max_bytes = 1024 * 1024, .max_tokens = 100'000, .max_depth = 32};

const Value* argument_of(const std::vector<Directive>& directives, std::string_view directive,
                         std::string_view argument, bool& found) {
  for (const auto& each : directives) {
    if (each.name != directive) continue;
    found = true;
    for (const auto& given : each.arguments) {
      if (given.name == argument) return &given.value;
    }
  }
  return nullptr;
}

std::optional<std::string> deprecation(const std::vector<Directive>& directives) {
  bool found = false;
  const auto* reason = argument_of(directives, "deprecated", "reason", found);
  if (reason) return reason->text;
  return found ? std::optional<std::string>{"No longer supported"} : std::nullopt;
}

/// The grammar of type definitions, a function a rule.
class SchemaReader {
 public:
  SchemaReader(std::string_view text, const std::vector<Token>& tokens) : syntax_{text, tokens} {}

  Outcome<SchemaText> run() {
    while (!syntax_.at_end()) definition();
    if (!syntax_.failure().empty()) return refuse(syntax_.failure());
    return std::move(out_);
  }

 private:
  void definition() {
    const std::string text = description();
    if (syntax_.take_word("schema")) return schema(text);
    if (syntax_.take_word("directive")) return directive(text);
    TypeDefinition type;
    type.description = text;
    if (syntax_.take_word("scalar")) return scalar(std::move(type));
    if (syntax_.take_word("type")) return fields_of(std::move(type), TypeKind::object);
    if (syntax_.take_word("interface")) return fields_of(std::move(type), TypeKind::interface);
    if (syntax_.take_word("union")) return union_type(std::move(type));
    if (syntax_.take_word("enum")) return enumeration(std::move(type));
    if (syntax_.take_word("input")) return input_object(std::move(type));
    syntax_.fail_unexpected("a definition of a type");
  }

  std::string description() { return syntax_.at_text() ? syntax_.expect_text() : std::string{}; }

  void schema(const std::string& text) {
    out_.description = text;
    syntax_.directives(true);
    const auto root = [this] {
      const std::string operation = syntax_.expect_name();
      syntax_.expect(":");
      for (const auto type : {OperationType::query, OperationType::mutation, OperationType::subscription}) {
        if (to_text(type) == operation) out_.roots[type] = syntax_.expect_name();
      }
    };
    syntax_.optional_many("{", "}", root);
  }

  void directive(const std::string& text) {
    DirectiveDefinition read;
    read.description = text;
    syntax_.expect("@");
    read.name = syntax_.expect_name();
    read.arguments = inputs("(", ")");
    read.repeatable = syntax_.take_word("repeatable");
    syntax_.expect_word("on");
    syntax_.take("|");
    do {
      read.locations.insert(syntax_.expect_name());
    } while (syntax_.take("|"));
    out_.directives.push_back(std::move(read));
  }

  void scalar(TypeDefinition type) {
    type.kind = TypeKind::scalar;
    type.name = syntax_.expect_name();
    bool found = false;
    const auto directives = syntax_.directives(true);
    if (const auto* url = argument_of(directives, "specifiedBy", "url", found)) type.specified_by = url->text;
    out_.types.push_back(std::move(type));
  }

  void fields_of(TypeDefinition type, TypeKind kind) {
    type.kind = kind;
    type.name = syntax_.expect_name();
    if (syntax_.take_word("implements")) {
      syntax_.take("&");
      do {
        type.interfaces.push_back(syntax_.expect_name());
      } while (syntax_.take("&"));
    }
    syntax_.directives(true);
    syntax_.optional_many("{", "}", [&] { type.fields.push_back(field()); });
    out_.types.push_back(std::move(type));
  }

  FieldDefinition field() {
    FieldDefinition read;
    read.description = description();
    read.name = syntax_.expect_name();
    read.arguments = inputs("(", ")");
    syntax_.expect(":");
    read.type = syntax_.type();
    read.deprecated = deprecation(syntax_.directives(true));
    return read;
  }

  std::vector<InputDefinition> inputs(std::string_view open, std::string_view close) {
    std::vector<InputDefinition> out;
    const auto input = [&] {
      InputDefinition read;
      read.description = description();
      read.name = syntax_.expect_name();
      syntax_.expect(":");
      read.type = syntax_.type();
      if (syntax_.take("=")) read.default_value = syntax_.value(true);
      read.deprecated = deprecation(syntax_.directives(true));
      out.push_back(std::move(read));
    };
    syntax_.optional_many(open, close, input);
    return out;
  }

  void union_type(TypeDefinition type) {
    type.kind = TypeKind::union_;
    type.name = syntax_.expect_name();
    syntax_.directives(true);
    syntax_.expect("=");
    syntax_.take("|");
    do {
      type.members.push_back(syntax_.expect_name());
    } while (syntax_.take("|"));
    out_.types.push_back(std::move(type));
  }

  void enumeration(TypeDefinition type) {
    type.kind = TypeKind::enumeration;
    type.name = syntax_.expect_name();
    syntax_.directives(true);
    const auto value = [&] {
      EnumValueDefinition read;
      read.description = description();
      read.name = syntax_.expect_name();
      read.deprecated = deprecation(syntax_.directives(true));
      type.values.push_back(std::move(read));
    };
    syntax_.optional_many("{", "}", value);
    out_.types.push_back(std::move(type));
  }

  void input_object(TypeDefinition type) {
    type.kind = TypeKind::input_object;
    type.name = syntax_.expect_name();
    syntax_.directives(true);
    type.input_fields = inputs("{", "}");
    out_.types.push_back(std::move(type));
  }

  Syntax syntax_;
  SchemaText out_;
};

}  // namespace

Outcome<SchemaText> read_schema(std::string_view sdl) {
  const auto tokens = tokenize(sdl, kLimits);
  if (!tokens) return refuse(tokens.error());
  return SchemaReader{sdl, *tokens}.run();
}

}  // namespace danwa::adapters::graphql
