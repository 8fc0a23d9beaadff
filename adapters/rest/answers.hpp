#pragma once

#include <optional>
#include <string>

#include "adapters/http/message.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/core/result.hpp"

namespace danwa::adapters {

/// Adds the position of the answer as the header `Danwa-Position`, if there is one.
void add_position(http::Response& answer, const std::optional<domain::Position>& position);

/// An answer with JSON data and a position, if there is one; caches must not store it.
http::Response json_answer(int status, std::string body, const std::optional<domain::Position>& position = {});

/// The answer 204 to a change.
http::Response no_content(const domain::Position& position);

/// The problem document for `errors`; caches must not store it.
http::Response failure(const domain::Errors& errors);

}  // namespace danwa::adapters
