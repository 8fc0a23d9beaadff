#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/channel/log_identity.hpp"
#include "infra/caf/cluster/mac.hpp"

namespace danwa::infra {

/// Version of everything two nodes say to each other. Two nodes of different versions refuse each other.
inline constexpr std::uint16_t kLinkVersion = 2;

/// The messages before a link belongs to CAF (see handshake.hpp). Each is a head of 8 bytes (magic of 4,
/// type, zero, u16 size, big endian), then a body. The head and the first two bytes of a hello are frozen.
enum class LinkMessage : std::uint8_t { hello = 1, proof = 2, verdict = 3, refusal = 4 };

inline constexpr std::size_t kLinkHeadSize = 8;
using LinkHeadBytes = std::array<char, kLinkHeadSize>;

struct LinkHead {
  LinkMessage type = LinkMessage::hello;
  std::size_t size = 0;  ///< of the body, within the type's limit

  static std::optional<LinkHead> parse(const LinkHeadBytes& bytes);
};

/// Head and body, ready to send.
std::string link_message(LinkMessage type, std::string_view body);

inline constexpr std::size_t kMaxNodeName = 64;  ///< visible ASCII characters

/// Who a node is, and whose log it serves. Behind the fixed part stand fields, u16 tag and u16 size before each: 1 the
/// database, 2 the epoch. A later release may add some; those of an unknown tag are skipped.
struct Hello {
  std::uint16_t version = kLinkVersion;
  Nonce nonce{};
  std::string name;
  std::uint64_t incarnation = 0;
  std::string advertise;
  std::string http_advertise;
  domain::LogIdentity log;

  static std::optional<std::uint16_t> version_of(std::string_view body);
  static std::optional<Hello> parse(std::string_view body);  ///< of our version only
  std::string to_body() const;
};

/// What a node, once sure of the other, makes of the connection.
enum class Verdict : std::uint8_t {
  accept = 0,
  occupied = 1,          ///< there is a link to you already
  name_in_use = 2,       ///< another node has your name
  self = 3,              ///< you are me
  stale = 4,             ///< what you take for a link to me is dead
  another_database = 5,  ///< your log is not mine
};

struct VerdictBody {
  Verdict verdict = Verdict::accept;
  std::vector<std::string> addresses;  ///< of other nodes

  static constexpr std::size_t kMaxAddresses = 64;

  static std::optional<VerdictBody> parse(std::string_view body);
  std::string to_body() const;
};

/// Addresses as text, one per line; those that are none are left out, at most 64 are read.
std::string join_addresses(const std::vector<std::string>& addresses);
std::vector<std::string> split_addresses(std::string_view text);

}  // namespace danwa::infra
