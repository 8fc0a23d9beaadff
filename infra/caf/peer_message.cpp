#include <algorithm>
#include <utility>

#include "infra/caf/handshake.hpp"
#include "infra/net/addresses.hpp"

// The bytes of the handshake's messages. A stranger sends them, so every size is checked before it is used: the head
// names the size of the body, `body_limit` bounds it per type before a byte of the body is read, and `Fields` never
// reads past the end. Unknown optional fields are skipped, so nodes of two releases can talk while a cluster is
// upgraded.

namespace danwa::caf {

std::optional<Address> Address::parse(std::string_view text) {
  if (!is_visible_ascii(text, kMaxText)) return std::nullopt;
  auto place = net::parse_host_port(text);
  if (!place || place->host.empty()) return std::nullopt;
  return Address{std::move(place->host), place->port};
}

std::string Address::to_string() const { return net::HostPort{host, port}.text(); }

bool Address::is_ip() const { return net::HostPort{host, port}.is_numeric(); }

bool is_visible_ascii(std::string_view text, std::size_t most) {
  const auto visible = [](char c) { return c > ' ' && c < 0x7F; };
  return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), visible);
}

namespace {

constexpr std::string_view kMagic = "dnwL";

std::optional<std::size_t> body_limit(PeerMessage type) {
  switch (type) {
    case PeerMessage::hello:
      return 1024;
    case PeerMessage::proof:
      return sizeof(Mac);
    case PeerMessage::verdict:
      return sizeof(Mac) + 1 + VerdictBody::kMaxAddresses * (Address::kMaxText + 1);
    case PeerMessage::refusal:
      return 2;
  }
  return std::nullopt;
}

void append_number(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> shift) & 0xFF));
}

void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size(), 2);
  out += text;
}

enum class HelloField : std::uint16_t { database = 1, epoch = 2 };

void append_field(std::string& out, HelloField tag, std::string_view value) {
  append_number(out, static_cast<std::uint16_t>(tag), 2);
  append_text(out, value);
}

/// Reads fields from a body. A field that is cut short makes `ok` false for good, and every later read returns zero or
/// nothing. So a parser checks `ok` once, at its end.
struct Fields {
  std::string_view rest;
  bool ok = true;

  std::string_view bytes(std::size_t size) {
    ok = ok && size <= rest.size();
    if (!ok) return {};
    const auto taken = rest.substr(0, size);
    rest.remove_prefix(size);
    return taken;
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const char c : bytes(size)) value = (value << 8) | static_cast<unsigned char>(c);
    return value;
  }
  std::string text() { return std::string{bytes(static_cast<std::size_t>(number(2)))}; }
};

bool take_log(Fields fields, domain::LogIdentity& log) {
  while (fields.ok && !fields.rest.empty()) {
    const auto tag = fields.number(2);
    auto value = fields.text();
    if (tag == static_cast<std::uint64_t>(HelloField::database)) log.database = std::move(value);
    if (tag == static_cast<std::uint64_t>(HelloField::epoch)) log.epoch = std::move(value);
  }
  const bool named = log.database.empty() || is_visible_ascii(log.database, domain::LogIdentity::kMaxDatabase);
  return fields.ok && named && (log.epoch.empty() || domain::is_epoch(log.epoch));
}

}  // namespace

std::optional<PeerHead> PeerHead::parse(const PeerHeadBytes& bytes) {
  Fields fields{{bytes.data(), bytes.size()}};
  const auto magic = fields.bytes(kMagic.size());
  const auto type = static_cast<std::uint8_t>(fields.number(1));
  const auto zero = fields.number(1);
  const PeerHead head{static_cast<PeerMessage>(type), static_cast<std::size_t>(fields.number(2))};
  const auto limit = body_limit(head.type);
  if (magic != kMagic || zero != 0 || !limit || head.size > *limit) return std::nullopt;
  return head;
}

std::string link_message(PeerMessage type, std::string_view body) {
  std::string out{kMagic};
  out.push_back(static_cast<char>(type));
  out.push_back('\0');
  append_text(out, body);
  return out;
}

std::optional<std::uint16_t> Hello::version_of(std::string_view body) {
  Fields fields{body};
  const auto version = static_cast<std::uint16_t>(fields.number(2));
  if (!fields.ok) return std::nullopt;
  return version;
}

std::optional<Hello> Hello::parse(std::string_view body) {
  Fields fields{body};
  Hello hello;
  hello.version = static_cast<std::uint16_t>(fields.number(2));
  const auto nonce = fields.bytes(hello.nonce.size());
  std::copy(nonce.begin(), nonce.end(), hello.nonce.begin());
  hello.name = fields.text();
  hello.incarnation = fields.number(8);
  hello.advertise = fields.text();
  hello.http_advertise = fields.text();
  if (!fields.ok || hello.version != kLinkVersion || !take_log(fields, hello.log)) return std::nullopt;
  if (!is_visible_ascii(hello.name, kMaxNodeName) || !Address::parse(hello.advertise)) return std::nullopt;
  const auto& http = hello.http_advertise;
  if (!http.empty() && !is_visible_ascii(http, Address::kMaxText)) return std::nullopt;
  return hello;
}

std::string Hello::to_body() const {
  std::string out;
  append_number(out, version, 2);
  out.append(nonce.begin(), nonce.end());
  append_text(out, name);
  append_number(out, incarnation, 8);
  append_text(out, advertise);
  append_text(out, http_advertise);
  append_field(out, HelloField::database, log.database);
  append_field(out, HelloField::epoch, log.epoch);
  return out;
}

std::optional<VerdictBody> VerdictBody::parse(std::string_view body) {
  Fields fields{body};
  const auto code = fields.number(1);
  if (!fields.ok || code > static_cast<std::uint64_t>(Verdict::another_database)) return std::nullopt;
  return VerdictBody{static_cast<Verdict>(code), split_addresses(fields.rest)};
}

std::string VerdictBody::to_body() const {
  return std::string(1, static_cast<char>(verdict)) + join_addresses(addresses);
}

std::string join_addresses(const std::vector<std::string>& addresses) {
  std::string out;
  const auto count = std::min(addresses.size(), VerdictBody::kMaxAddresses);
  for (std::size_t i = 0; i < count; ++i) out += addresses[i] + '\n';
  return out;
}

std::vector<std::string> split_addresses(std::string_view text) {
  std::vector<std::string> addresses;
  while (!text.empty() && addresses.size() < VerdictBody::kMaxAddresses) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto line = text.substr(0, end); Address::parse(line)) addresses.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return addresses;
}

}  // namespace danwa::caf
