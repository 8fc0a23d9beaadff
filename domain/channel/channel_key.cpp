#include "domain/channel/channel_key.hpp"

#include "domain/core/text.hpp"

namespace danwa::domain {
namespace {

std::optional<ChannelKind> parse_kind(std::string_view text) {
  if (text == "conversation") return ChannelKind::conversation;
  if (text == "user") return ChannelKind::user;
  if (text == "store") return ChannelKind::store;
  if (text == "company") return ChannelKind::company;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(ChannelKind kind) {
  switch (kind) {
    case ChannelKind::conversation:
      return "conversation";
    case ChannelKind::user:
      return "user";
    case ChannelKind::store:
      return "store";
    case ChannelKind::company:
      return "company";
  }
  return "";
}

std::string ChannelKey::local_name() const {
  std::string out{domain::to_string(kind)};
  out += ':';
  out += percent_encode(key);
  return out;
}

std::string ChannelKey::to_string() const { return percent_encode(company.value()) + ':' + local_name(); }

std::optional<ChannelKey> ChannelKey::parse(std::string_view text) {
  const auto first = text.find(':');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = text.find(':', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  auto company = percent_decode(text.substr(0, first));
  const auto kind = parse_kind(text.substr(first + 1, second - first - 1));
  auto key = percent_decode(text.substr(second + 1));
  if (!company || !kind || !key || key->empty()) return std::nullopt;
  auto company_id = CompanyId::parse(std::move(*company));
  if (!company_id) return std::nullopt;
  return ChannelKey{std::move(*company_id), *kind, std::move(*key)};
}

}  // namespace danwa::domain
