#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace danwa::adapters {

/// Decodes the text between the quotes of a string: `\" \\ \/ \b \f \n \r \t`, `\uXXXX` (two of them for a surrogate
/// pair), and `\u{…}`, which only GraphQL has. Failure: where in `raw` a lone surrogate or another escape begins.
tl::expected<std::string, std::size_t> decode_escapes(std::string_view raw);

}  // namespace danwa::adapters
