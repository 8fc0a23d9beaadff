#include "adapters/graphql/ws_message.hpp"

#include "adapters/graphql/door_params.hpp"
#include "adapters/json/json_text.hpp"

namespace danwa::adapters::graphql {
namespace {

using nlohmann::json;
using Failure = tl::unexpected<std::string>;

}  // namespace

tl::expected<WsMessage, std::string> read_message(std::string_view text) {
  auto object = read_json(text);
  if (!object) return Failure{object.error().front().message};
  const auto type = object->find("type");
  if (type == object->end() || !type->is_string()) return Failure{"type must be a string"};
  WsMessage message{type->get<std::string>(), {}, {}};
  if (const auto id = object->find("id"); id != object->end() && !id->is_null()) {
    if (!id->is_string() || id->get_ref<const std::string&>().empty()) return Failure{"id must be a string, not empty"};
    message.id = id->get<std::string>();
  }
  if (const auto payload = object->find("payload"); payload != object->end() && !payload->is_null()) {
    if (!payload->is_object()) return Failure{"payload must be an object"};
    message.payload = std::move(*payload);
  }
  return message;
}

std::string write_message(std::string_view type, std::string_view id, std::string_view payload) {
  std::string out = "{";
  if (!id.empty()) {
    out += R"("id":)";
    append_json_string(out, id);
    out += ',';
  }
  out += R"("type":")";
  out += type;
  out += '"';
  if (!payload.empty()) {
    out += R"(,"payload":)";
    out += payload;
  }
  out += '}';
  return out;
}

}  // namespace danwa::adapters::graphql
