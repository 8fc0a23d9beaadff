#pragma once

#include <span>
#include <string_view>

#include "adapters/http/message.hpp"

namespace danwa::adapters::http {

/// True if the body is declared as plain `application/json`: one `Content-Type`, with any parameters (RFC 8259 section
/// 11 defines none) except a charset other than UTF-8, and no `Content-Encoding` except identity.
bool is_json(const Request& request);

/// `utf-8` by one of its names, in any case.
bool is_utf8_name(std::string_view charset);

/// Chooses from `offered` (e.g. "application/json", lower case, best first) the type that the request's `Accept`
/// prefers (RFC 9110 section 12.5.1): the most specific range decides a type's q, the highest q wins, of equals the
/// first offered. Without `Accept` it is the first. Empty: no offered type is acceptable. A range with parameters that
/// the type does not have ranks lower than one without, but it still selects the type, so `version=1` is not refused.
std::string_view choose_media_type(const Request& request, std::span<const std::string_view> offered);

}  // namespace danwa::adapters::http
