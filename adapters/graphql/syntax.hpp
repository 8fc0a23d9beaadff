#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/graphql/document.hpp"
#include "adapters/graphql/lexer.hpp"

namespace danwa::adapters::graphql {

/// Reads tokens from left to right, one ahead (the grammar is LL(1)), and what queries and schemas have in
/// common. The first failure is kept and moves the reader to the end, where nothing matches any more: callers
/// go on as if nothing had happened and ask `failure()` once. Recursion is bounded by the token pass's depth.
class Syntax {
 public:
  /// `text` and `tokens` (not empty) outlive this.
  Syntax(std::string_view text, const std::vector<Token>& tokens) : text_{text}, tokens_{tokens} {}

  bool at_end() const { return peek().kind == TokenKind::end; }
  bool at(std::string_view punctuator) const;
  bool at_name() const { return peek().kind == TokenKind::name; }
  bool at_word(std::string_view word) const { return at_name() && peek().text == word; }
  bool at_text() const { return peek().kind == TokenKind::string || peek().kind == TokenKind::block_string; }
  Offset offset() const { return peek().at; }

  bool take(std::string_view punctuator);
  bool take_word(std::string_view word);
  void expect(std::string_view punctuator);
  void expect_word(std::string_view word);
  std::string expect_name();
  std::string expect_text();  ///< a string or block string, decoded

  /// `open item* close`, at least `least` items; nothing at all unless `open` comes next.
  template <class ReadItem>
  void optional_many(std::string_view open, std::string_view close, ReadItem read_item, std::size_t least = 1) {
    if (!take(open)) return;
    std::size_t count = 0;
    for (; !at(close) && !at_end(); ++count) read_item();
    if (count < least && at(close)) fail_unexpected();
    expect(close);
  }

  Value value(bool constant);
  TypeRef type();
  std::vector<Argument> arguments(bool constant);
  std::vector<Directive> directives(bool constant);

  void fail_unexpected(std::string_view expected = {});
  void fail(Offset at, std::string message);
  const GraphqlErrors& failure() const { return failure_; }  ///< empty or one

 private:
  const Token& peek() const { return tokens_[next_]; }
  const Token& advance();
  Value word();
  Value variable(bool constant);
  Value list(bool constant);
  Value object(bool constant);

  std::string_view text_;
  const std::vector<Token>& tokens_;
  std::size_t next_ = 0;
  GraphqlErrors failure_;
};

}  // namespace danwa::adapters::graphql
