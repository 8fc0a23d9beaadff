#pragma once

#include <cstddef>
#include <string_view>

#include "adapters/graphql/document.hpp"

namespace danwa::adapters::graphql {

/// Enforced by the one flat pass that cuts the text into tokens, before anything recurses.
struct ParseLimits {
  std::size_t max_bytes = 64 * 1024;
  std::size_t max_tokens = 2000;
  std::size_t max_depth = 32;  ///< of `{`, `[` and `(` inside each other
};

/// Reads an executable document (specification of October 2021, section 2). Strings are decoded, block
/// strings without their indentation; a byte order mark at the start is ignored. Errors: one, of code
/// `graphql-limit` or `graphql-syntax`, with its location.
Outcome<Document> parse(std::string_view text, const ParseLimits& limits = {});

}  // namespace danwa::adapters::graphql
