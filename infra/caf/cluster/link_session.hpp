#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "infra/caf/cluster/handshake.hpp"
#include "infra/caf/cluster/link_stream.hpp"

namespace danwa::infra {

/// Runs one handshake over one connection. Every message is bounded in size, the whole handshake in time (1.5 s). Ends
/// with exactly one call of `on_end`, never from inside `start`. Runs on: the cluster's io thread.
class LinkSession : public std::enable_shared_from_this<LinkSession> {
 public:
  using OnEnd = std::function<void(LinkSession& session, std::optional<Refusal> refusal)>;
  using OnPeer = std::function<void(const Hello& peer)>;  ///< the peer has proved that it has the secret

  LinkSession(boost::asio::io_context& io, std::shared_ptr<LinkStream> stream, Handshake handshake, std::string remote);
  ~LinkSession();

  void start(OnPeer on_peer, OnEnd on_end);
  void abort(Refusal refusal) { end(std::move(refusal)); }

  const Handshake& handshake() const;
  const std::string& remote() const;  ///< the peer's address, for the log
  LinkStream& stream();

 private:
  void end(std::optional<Refusal> refusal);
  void read_head();
  void read_body(LinkHead head);
  void take(Handshake::Step step);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace danwa::infra
