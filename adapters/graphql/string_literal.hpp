#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace danwa::adapters::graphql {

/// Why a string cannot be decoded.
struct StringFault {
  std::size_t at;       ///< bytes from the first one after the quote
  std::string message;  ///< one English sentence
};

/// Decodes what stands between the quotes of a string: `\" \\ \/ \b \f \n \r \t`, `\uXXXX` (two of them for a
/// surrogate pair) and `\u{…}`. Lone surrogates and other escapes are faults.
tl::expected<std::string, StringFault> decode_string(std::string_view raw);

/// Decodes what stands between the three quotes of a block string: `\"""`, line ends to `\n`, common
/// indentation and blank first and last lines removed (specification, BlockStringValue()).
std::string decode_block_string(std::string_view raw);

}  // namespace danwa::adapters::graphql
