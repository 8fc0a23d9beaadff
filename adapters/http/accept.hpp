#pragma once

#include <span>
#include <string_view>

#include "adapters/http/request.hpp"

namespace danwa::adapters::http {

/// The one of `offered` (e.g. "application/json", lower case, best first) that the request's `Accept`
/// prefers (RFC 9110 section 12.5.1: the most specific range decides a type's q, the highest q wins, of
/// equals the first offered). No `Accept`: the first. Empty when none is acceptable.
std::string_view choose_media_type(const Request& request, std::span<const std::string_view> offered);

/// True when the request would rather have `text/event-stream` than JSON; `*/*` or none means JSON.
bool prefers_event_stream(const Request& request);

}  // namespace danwa::adapters::http
