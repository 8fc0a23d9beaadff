#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/protocol/graphql/document.hpp"
#include "adapters/protocol/graphql/error.hpp"

namespace danwa::adapters::graphql {

/// The lexer enforces these limits in one flat pass, before anything recurses.
struct ParseLimits {
  std::size_t max_bytes = 64 * 1024;
  std::size_t max_tokens = 2000;
  std::size_t max_depth = 32;  ///< of `{`, `[` and `(` inside each other
};

/// Reads an executable document (specification of October 2021, section 2). Strings are decoded, block
/// strings without their indentation; a byte order mark at the start is ignored. Errors: one, of code
/// `graphql-limit` or `graphql-syntax`, with its location.
Outcome<Document> parse(std::string_view text, const ParseLimits& limits = {});

/// Decodes the text between the three quotes of a block string: `\"""` becomes three quotes, line ends become `\n`,
/// common indentation and blank first and last lines are removed (specification, BlockStringValue()).
std::string decode_block_string(std::string_view raw);

enum class TokenKind { punctuator, name, integer, floating, string, block_string, end };

/// One lexical token (specification, section 2.1.6). `text` lies in the text that was cut. Of a string it is the part
/// between the quotes, not decoded.
struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;
  Offset at = 0;
};

/// Cuts `text` into tokens; the last one is of kind `end`. Does not recurse. Errors: too many bytes, tokens or nested
/// brackets (`graphql-limit`); bytes that are not UTF-8, a control character, or no token (`graphql-syntax`).
Outcome<std::vector<Token>> tokenize(std::string_view text, const ParseLimits& limits);

/// Reads tokens from left to right, one ahead (the grammar is LL(1)), and the rules that several constructs share. The
/// first failure is kept and moves the reader to the end, where nothing matches any more. Callers go on as if nothing
/// had happened and ask `failure()` once. The depth that the lexer allows bounds the recursion.
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

  /// Reads `open item* close` with at least `least` items. Does nothing unless `open` comes next.
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
  Value begin(Value::Kind kind) const;
  Value leaf(Value::Kind kind);
  Value word();
  Value variable(bool constant);
  Value list(bool constant);
  Value object(bool constant);
  Argument argument(bool constant);

  std::string_view text_;
  const std::vector<Token>& tokens_;
  std::size_t next_ = 0;
  GraphqlErrors failure_;
};

}  // namespace danwa::adapters::graphql
