#include "adapters/graphql/parse.hpp"

#include <utility>

#include "adapters/graphql/lexer.hpp"
#include "adapters/graphql/syntax.hpp"

namespace danwa::adapters::graphql {
namespace {

bool is_type_system_word(const Syntax& syntax) {
  for (const auto* word : {"schema", "scalar", "type", "interface", "union", "enum", "input", "directive", "extend"}) {
    if (syntax.at_word(word)) return true;
  }
  return false;
}

/// The executable part of the grammar (specification, sections 2.2 to 2.12), a function a rule.
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
