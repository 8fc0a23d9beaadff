#pragma once

#include <string_view>
#include <vector>

#include "adapters/graphql/error.hpp"
#include "adapters/graphql/parse.hpp"

namespace danwa::adapters::graphql {

enum class TokenKind { punctuator, name, integer, floating, string, block_string, end };

/// One lexical token (specification, section 2.1.6). `text` lies in the text it was cut from: of strings, what
/// stands between the quotes, undecoded.
struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;
  Offset at = 0;
};

/// Cuts `text` into tokens, the last one of kind `end`. Does not recurse. Errors: too many bytes, tokens or
/// brackets inside each other (`graphql-limit`); no UTF-8, a control character, no token (`graphql-syntax`).
Outcome<std::vector<Token>> tokenize(std::string_view text, const ParseLimits& limits);

}  // namespace danwa::adapters::graphql
