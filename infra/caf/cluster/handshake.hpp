#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infra/caf/cluster/link_message.hpp"

namespace danwa::infra {

enum class LinkRole : std::uint8_t { dialler, acceptor };

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

  Handshake(LinkRole role, Hello own, std::string secret, Judge judge);

  /// The first step, before any message of the peer.
  Step start();
  Step on_message(LinkMessage type, std::string_view body);

  LinkRole role() const { return role_; }
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

  LinkRole role_;
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

}  // namespace danwa::infra
