#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "adapters/graphql/error.hpp"

namespace danwa::adapters::graphql {

/// A message of a client, of either dialect.
struct WsMessage {
  std::string type;
  std::string id;          ///< empty without one
  nlohmann::json payload;  ///< an object, or null
};

/// Reads `{type, id?, payload?}`. The failure says what is wrong, for people.
tl::expected<WsMessage, std::string> read_message(std::string_view text);

/// `{"type": ...}` with an id and a payload (JSON text) where they are not empty.
std::string write_message(std::string_view type, std::string_view id = {}, std::string_view payload = {});

}  // namespace danwa::adapters::graphql
