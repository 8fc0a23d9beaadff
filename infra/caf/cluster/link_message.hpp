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

/// Version of the whole protocol between two nodes. Nodes of different versions refuse each other.
inline constexpr std::uint16_t kLinkVersion = 2;

/// The messages of a handshake (see handshake.hpp). Each is a head of 8 bytes (magic of 4, type, zero, u16 size, big
/// endian) and a body. The format of the head and of the first two bytes of a hello never changes.
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

/// The identity of a node and of the log it serves. Optional fields follow the fixed part, each with a u16 tag and a
/// u16 size: 1 is the database, 2 the epoch. A later release may add fields; a field with an unknown tag is skipped.
struct Hello {
  std::uint16_t version = kLinkVersion;
  Nonce nonce{};
  std::string name;
  std::uint64_t incarnation = 0;
  std::string advertise;
  std::string http_advertise;
  domain::LogIdentity log;

  static std::optional<std::uint16_t> version_of(std::string_view body);
  static std::optional<Hello> parse(std::string_view body);  ///< of version kLinkVersion only
  std::string to_body() const;
};

/// A node's decision on an authenticated connection. A larger number outweighs a smaller one.
enum class Verdict : std::uint8_t {
  accept = 0,
  occupied = 1,          ///< the sender already has a connection to this peer
  name_in_use = 2,       ///< another node has the peer's name
  self = 3,              ///< the peer is the sender itself
  stale = 4,             ///< the connection for which the peer said `occupied` is dead
  another_database = 5,  ///< the peer serves another log
};

struct VerdictBody {
  Verdict verdict = Verdict::accept;
  std::vector<std::string> addresses;  ///< of other nodes

  static constexpr std::size_t kMaxAddresses = 64;

  static std::optional<VerdictBody> parse(std::string_view body);
  std::string to_body() const;
};

/// Addresses as text, one per line. Reading skips lines that are no address, and stops after 64 addresses.
std::string join_addresses(const std::vector<std::string>& addresses);
std::vector<std::string> split_addresses(std::string_view text);

}  // namespace danwa::infra
