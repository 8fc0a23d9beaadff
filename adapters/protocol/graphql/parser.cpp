#include "adapters/protocol/graphql/parser.hpp"

#include <utility>

#include "adapters/protocol/json/escapes.hpp"

// A recursive descent parser with one token of look-ahead and a function for each rule of the grammar. `Syntax` reads
// what all rules share: names, values, types, arguments, directives. `DocumentReader` reads operations and fragments.
// The first failure is kept and moves the reader to the end of the tokens, where no rule matches. So the rules contain
// no error handling, and `failure()` is asked once. The recursion is bounded because the lexer has counted the
// brackets.

namespace danwa::adapters::graphql {
namespace {

std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::end:
      return "the end";
    case TokenKind::string:
    case TokenKind::block_string:
      return "a string";
    default:
      return std::string{token.text.substr(0, 64)};
  }
}

}  // namespace

bool Syntax::at(std::string_view punctuator) const {
  return peek().kind == TokenKind::punctuator && peek().text == punctuator;
}

bool Syntax::take(std::string_view punctuator) {
  if (!at(punctuator)) return false;
  advance();
  return true;
}

bool Syntax::take_word(std::string_view word) {
  if (!at_word(word)) return false;
  advance();
  return true;
}

void Syntax::expect(std::string_view punctuator) {
  if (!take(punctuator)) fail_unexpected(punctuator);
}

void Syntax::expect_word(std::string_view word) {
  if (!take_word(word)) fail_unexpected(word);
}

std::string Syntax::expect_name() {
  if (at_name()) return std::string{advance().text};
  fail_unexpected("a name");
  return {};
}

std::string Syntax::expect_text() {
  if (peek().kind == TokenKind::block_string) return decode_block_string(advance().text);
  if (peek().kind != TokenKind::string) {
    fail_unexpected("a string");
    return {};
  }
  const Token& token = advance();
  auto decoded = decode_escapes(token.text);
  if (decoded) return std::move(*decoded);
  fail(token.at + 1 + static_cast<Offset>(decoded.error()), "There is no such escape.");
  return {};
}

Value Syntax::value(bool constant) {
  switch (peek().kind) {
    case TokenKind::integer:
      return leaf(Value::Kind::integer);
    case TokenKind::floating:
      return leaf(Value::Kind::floating);
    case TokenKind::string:
    case TokenKind::block_string: {
      Value text = begin(Value::Kind::string);
      text.text = expect_text();
      return text;
    }
    case TokenKind::name:
      return word();
    default:
      break;
  }
  if (at("$")) return variable(constant);
  if (at("[")) return list(constant);
  if (at("{")) return object(constant);
  fail_unexpected("a value");
  return {};
}

/// A value of `kind` at the next token.
Value Syntax::begin(Value::Kind kind) const {
  Value value;
  value.kind = kind;
  value.at = offset();
  return value;
}

Value Syntax::leaf(Value::Kind kind) {
  Value value = begin(kind);
  value.text = advance().text;
  return value;
}

Value Syntax::word() {
  if (at_word("true") || at_word("false")) return leaf(Value::Kind::boolean);
  return leaf(at_word("null") ? Value::Kind::null : Value::Kind::enumeration);
}

Value Syntax::variable(bool constant) {
  if (constant) fail(offset(), "A variable is not allowed here.");
  Value value = begin(Value::Kind::variable);
  expect("$");
  value.text = expect_name();
  return value;
}

Value Syntax::list(bool constant) {
  Value value = begin(Value::Kind::list);
  const auto item = [&] { value.items.push_back(this->value(constant)); };
  optional_many("[", "]", item, 0);
  return value;
}

Value Syntax::object(bool constant) {
  Value value = begin(Value::Kind::object);
  const auto field = [&] { value.fields.push_back(argument(constant)); };
  optional_many("{", "}", field, 0);
  return value;
}

Argument Syntax::argument(bool constant) {
  Argument read;
  read.at = offset();
  read.name = expect_name();
  expect(":");
  read.value = value(constant);
  return read;
}

TypeRef Syntax::type() {
  TypeRef type;
  type.at = offset();
  if (take("[")) {
    type.item.push_back(this->type());
    expect("]");
  } else {
    type.name = expect_name();
  }
  type.required = take("!");
  return type;
}

std::vector<Argument> Syntax::arguments(bool constant) {
  std::vector<Argument> out;
  optional_many("(", ")", [&] { out.push_back(argument(constant)); });
  return out;
}

std::vector<Directive> Syntax::directives(bool constant) {
  std::vector<Directive> out;
  while (at("@")) {
    Directive read;
    read.at = offset();
    take("@");
    read.name = expect_name();
    read.arguments = arguments(constant);
    out.push_back(std::move(read));
  }
  return out;
}

const Token& Syntax::advance() {
  const Token& token = peek();
  if (!at_end()) ++next_;
  return token;
}

void Syntax::fail_unexpected(std::string_view expected) {
  std::string message = "Syntax error: " + describe(peek()) + " is not expected here";
  if (!expected.empty()) message += ", but " + std::string{expected};
  fail(offset(), message + '.');
}

void Syntax::fail(Offset at, std::string message) {
  if (failure_.empty()) failure_.push_back({std::move(message), "graphql-syntax", {}, {locate(text_, at)}});
  next_ = tokens_.size() - 1;
}

namespace {

bool is_type_system_word(const Syntax& syntax) {
  for (const auto* word : {"schema", "scalar", "type", "interface", "union", "enum", "input", "directive", "extend"}) {
    if (syntax.at_word(word)) return true;
  }
  return false;
}

/// The executable part of the grammar (specification, sections 2.2 to 2.12): one function for each rule.
class DocumentReader {
 public:
  DocumentReader(std::string_view text, const std::vector<Token>& tokens) : syntax_{text, tokens} {
    document_.source = text;
    document_.tokens = tokens.size();
  }

  Outcome<Document> run() {
    do {
      definition();
    } while (!syntax_.at_end());
    if (!syntax_.failure().empty()) return refuse(syntax_.failure());
    return std::move(document_);
  }

 private:
  void definition() {
    if (syntax_.at_word("fragment")) return fragment();
    if (syntax_.at("{") || syntax_.at_word("query") || syntax_.at_word("mutation") || syntax_.at_word("subscription")) {
      return operation();
    }
    if (is_type_system_word(syntax_) || syntax_.at_text()) {
      return syntax_.fail(syntax_.offset(), "Definitions of types cannot be executed.");
    }
    syntax_.fail_unexpected("an operation or fragment");
  }

  void operation() {
    Operation read;
    read.at = syntax_.offset();
    if (!syntax_.at("{")) {
      if (syntax_.take_word("mutation")) read.type = OperationType::mutation;
      if (syntax_.take_word("subscription")) read.type = OperationType::subscription;
      if (read.type == OperationType::query) syntax_.expect_word("query");
      if (syntax_.at_name()) read.name = syntax_.expect_name();
      syntax_.optional_many("(", ")", [&] { read.variables.push_back(variable()); });
      read.directives = syntax_.directives(false);
    }
    read.selections = selections();
    document_.operations.push_back(std::move(read));
  }

  VariableDefinition variable() {
    VariableDefinition read;
    read.at = syntax_.offset();
    syntax_.expect("$");
    read.name = syntax_.expect_name();
    syntax_.expect(":");
    read.type = syntax_.type();
    if (syntax_.take("=")) read.default_value = syntax_.value(true);
    read.directives = syntax_.directives(true);
    return read;
  }

  void fragment() {
    Fragment read;
    read.at = syntax_.offset();
    syntax_.expect_word("fragment");
    if (syntax_.at_word("on")) syntax_.fail_unexpected("the fragment's name");
    read.name = syntax_.expect_name();
    syntax_.expect_word("on");
    read.on = syntax_.expect_name();
    read.directives = syntax_.directives(false);
    read.selections = selections();
    document_.fragment_places.emplace(read.name, document_.fragments.size());
    document_.fragments.push_back(std::move(read));
  }

  std::vector<Selection> selections() {
    std::vector<Selection> out;
    if (!syntax_.at("{")) syntax_.fail_unexpected("{");
    syntax_.optional_many("{", "}", [&] { out.push_back(selection()); });
    return out;
  }

  Selection selection() {
    const Offset at = syntax_.offset();
    if (!syntax_.take("...")) return {field()};
    if (syntax_.at_name() && !syntax_.at_word("on")) return {spread(at)};
    InlineFragment read;
    read.at = at;
    if (syntax_.take_word("on")) read.on = syntax_.expect_name();
    read.directives = syntax_.directives(false);
    read.selections = selections();
    return {std::move(read)};
  }

  FragmentSpread spread(Offset at) {
    FragmentSpread read;
    read.at = at;
    read.name = syntax_.expect_name();
    read.directives = syntax_.directives(false);
    return read;
  }

  Field field() {
    Field read;
    read.at = syntax_.offset();
    read.name = syntax_.expect_name();
    if (syntax_.take(":")) {
      read.alias = std::move(read.name);
      read.name = syntax_.expect_name();
    }
    read.arguments = syntax_.arguments(false);
    read.directives = syntax_.directives(false);
    if (syntax_.at("{")) read.selections = selections();
    return read;
  }

  Syntax syntax_;
  Document document_;
};

}  // namespace

Outcome<Document> parse(std::string_view text, const ParseLimits& limits) {
  const auto tokens = tokenize(text, limits);
  if (!tokens) return refuse(tokens.error());
  return DocumentReader{text, *tokens}.run();
}

}  // namespace danwa::adapters::graphql
