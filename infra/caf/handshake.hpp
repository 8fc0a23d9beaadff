#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/channel/cursor.hpp"

namespace danwa::caf {

using Mac = std::array<std::uint8_t, 32>;
using Nonce = std::array<std::uint8_t, 32>;

/// HMAC-SHA256 (RFC 2104). The key may be empty. Throws std::runtime_error if OpenSSL fails.
Mac hmac_sha256(std::string_view key, std::string_view text);

/// Compares in constant time.
bool equal(const Mac& mac, std::string_view bytes);

/// Both throw std::runtime_error if the system has no randomness.
Nonce random_nonce();
std::uint64_t random_incarnation();

/// "host:port"; an IPv6 host is in brackets.
struct Address {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;

  static constexpr std::size_t kMaxText = 255;

  /// As net::parse_host_port. Returns nullopt if the host is empty, or the text is longer than `kMaxText` or not
  /// visible ASCII.
  static std::optional<Address> parse(std::string_view text);

  std::string to_string() const;
  bool is_ip() const;
};

/// 1 to `most` visible ASCII characters.
bool is_visible_ascii(std::string_view text, std::size_t most);

/// Version of the whole protocol between two nodes. Nodes of different versions refuse each other.
inline constexpr std::uint16_t kLinkVersion = 2;

/// The messages of a handshake. Each is a head of 8 bytes (magic of 4, type, zero, u16 size, big endian) and a body.
/// The format of the head and of the first two bytes of a hello never changes.
enum class PeerMessage : std::uint8_t { hello = 1, proof = 2, verdict = 3, refusal = 4 };

inline constexpr std::size_t kLinkHeadSize = 8;
using PeerHeadBytes = std::array<char, kLinkHeadSize>;

struct PeerHead {
  PeerMessage type = PeerMessage::hello;
  std::size_t size = 0;  ///< of the body, within the type's limit

  static std::optional<PeerHead> parse(const PeerHeadBytes& bytes);
};

/// Head and body, ready to send.
std::string link_message(PeerMessage type, std::string_view body);

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

enum class PeerRole : std::uint8_t { dialler, acceptor };

/// Why a connection did not become a peer connection.
enum class RefusalReason : std::uint8_t {
  malformed,         ///< not this protocol
  version,           ///< another version of it
  secret,            ///< the peer does not have the cluster's secret
  self,              ///< the node has dialled itself
  name_in_use,       ///< two nodes of one name
  duplicate,         ///< a second connection between two nodes
  stale,             ///< the other side must first drop its old connection, which is dead
  another_database,  ///< the peer serves another log
  timeout,           ///< too slow
  closed,            ///< the peer closed it during the handshake
  tls,               ///< no TLS, or a certificate of another CA
  unreachable,       ///< the dial failed
  plain_network,     ///< an open network without TLS or secret
};
std::string_view to_string(RefusalReason reason);

struct Refusal {
  RefusalReason reason = RefusalReason::malformed;
  std::string detail;
};

/// The mutual authentication before CAF sees a connection. A pure state machine: messages in, messages out; no socket,
/// no clock.
///
///     dialler                       acceptor
///     hello (who, nonce)        ->
///                               <-  hello (who, nonce)
///     proof                     ->                          the dialler proves the secret first
///                               <-  verdict (MAC)
///     verdict (MAC)             ->                          both accept: a peer connection
///
/// A peer of another log gets that verdict after it has proved the secret, and both sides log it.
///
/// Every MAC is HMAC-SHA256 with the secret as key. It covers the name of the step, both hellos (thus nonces, names,
/// incarnations and addresses) and the body. The step's name contains the role, so a MAC cannot be reflected.
class Handshake {
 public:
  /// Called once, after the other side has proved the secret. `theirs` is the other side's verdict (dialler only).
  using Judge = std::function<VerdictBody(const Handshake& self, std::optional<Verdict> theirs)>;

  struct Step {
    std::string send;                ///< write this first; may be empty
    bool done = false;               ///< true: both sides have accepted
    std::optional<Refusal> refused;  ///< set: close after the write
  };

  Handshake(PeerRole role, Hello own, std::string secret, Judge judge);

  /// The first step, before any message of the peer.
  Step start();
  Step on_message(PeerMessage type, std::string_view body);

  PeerRole role() const { return role_; }
  bool peer_known() const { return !peer_.name.empty(); }  ///< its hello arrived; not authenticated
  bool peer_proved() const { return proved_; }
  const Hello& own() const { return own_; }
  const Hello& peer() const { return peer_; }                             ///< once `peer_known()`
  const std::vector<std::string>& heard_of() const { return heard_of_; }  ///< once done
  std::optional<Verdict> peer_verdict() const { return theirs_; }         ///< once proved
  std::uint64_t link_id() const;                                          ///< equal on both sides; once `peer_known()`

 private:
  enum class Stage : std::uint8_t { hello, proof, verdict, over };

  Step on_hello(std::string_view body);
  Step on_proof(std::string_view body);
  Step on_verdict(std::string_view body);
  Step on_refusal(std::string_view body);
  Step refuse(RefusalReason reason, std::string detail, std::string send = {});
  Step conclude(std::string send);
  std::string sealed_verdict(const VerdictBody& body) const;
  Mac mac(std::string_view step, std::string_view body = {}) const;

  PeerRole role_;
  Stage stage_ = Stage::hello;
  Hello own_;
  std::string secret_;
  Judge judge_;
  std::string own_body_;
  Hello peer_;
  std::string transcript_;  ///< both hellos, the dialler's first
  bool proved_ = false;
  Verdict ours_ = Verdict::accept;
  std::optional<Verdict> theirs_;
  std::vector<std::string> heard_of_;
};

}  // namespace danwa::caf
