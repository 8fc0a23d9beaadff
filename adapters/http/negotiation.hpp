#pragma once

#include <span>
#include <string_view>

#include "adapters/http/message.hpp"

namespace danwa::adapters::http {

/// True when the body is declared as plain `application/json`: one `Content-Type`, with whatever parameters
/// (RFC 8259 section 11 defines none) but a charset that is not UTF-8; no `Content-Encoding` but identity.
bool is_json(const Request& request);

/// `utf-8` by one of its names, in any case.
bool is_utf8_name(std::string_view charset);

/// The one of `offered` (e.g. "application/json", lower case, best first) that the request's `Accept`
/// prefers (RFC 9110 section 12.5.1: the most specific range decides a type's q, the highest q wins, of
/// equals the first offered). No `Accept`: the first. Empty when none is acceptable. A range whose parameters the
/// type does not have still means it, but less than one without: nobody is refused for a `version=1`.
std::string_view choose_media_type(const Request& request, std::span<const std::string_view> offered);

}  // namespace danwa::adapters::http
