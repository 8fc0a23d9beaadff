#pragma once

#include <string>

#include <optional>

#include "adapters/http/response.hpp"
#include "domain/channel/position.hpp"
#include "domain/core/error.hpp"

namespace danwa::adapters {

/// An answer with data: JSON, never stored by caches.
http::Response json_answer(int status, std::string body);

/// Tells the client, in `Danwa-Position`, what it has seen by this answer.
void add_position(http::Response& answer, const std::optional<domain::Position>& position);

/// The problem answer for `errors`, never stored by caches.
http::Response failure(const domain::Errors& errors);

}  // namespace danwa::adapters
