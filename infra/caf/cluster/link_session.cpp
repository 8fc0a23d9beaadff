#include "infra/caf/cluster/link_session.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace danwa::infra {

// The I/O around the pure state machine of handshake.hpp: read a head, read its body, feed the handshake, write its
// answer, repeat. One deadline covers the whole session, so a silent stranger costs a socket for 1.5 s. Handlers keep
// the session alive; `end` is the only way out and runs `on_end` once, since it takes it out first.

namespace {

using boost::system::error_code;

constexpr std::chrono::milliseconds kHandshakeDeadline{1'500};

Refusal refusal_of(const error_code& error) {
  const bool hung_up = error == boost::asio::error::eof || error == boost::asio::error::connection_reset;
  return {RefusalReason::closed, hung_up ? "the peer closed the connection during the handshake" : error.message()};
}

}  // namespace

struct LinkSession::State {
  State(boost::asio::io_context& io_context, std::shared_ptr<LinkStream> link_stream, Handshake shake, std::string from)
      : io{io_context},
        stream{std::move(link_stream)},
        handshake{std::move(shake)},
        remote{std::move(from)},
        deadline{io_context} {}

  boost::asio::io_context& io;
  std::shared_ptr<LinkStream> stream;
  Handshake handshake;
  std::string remote;
  boost::asio::steady_timer deadline;
  OnPeer on_peer;
  OnEnd on_end;  // empty after its one call
  LinkHeadBytes head{};
  std::string body;
};

LinkSession::LinkSession(boost::asio::io_context& io, std::shared_ptr<LinkStream> stream, Handshake handshake,
                         std::string remote)
    : state_{std::make_unique<State>(io, std::move(stream), std::move(handshake), std::move(remote))} {}
LinkSession::~LinkSession() = default;

const Handshake& LinkSession::handshake() const { return state_->handshake; }
const std::string& LinkSession::remote() const { return state_->remote; }
LinkStream& LinkSession::stream() { return *state_->stream; }

void LinkSession::start(OnPeer on_peer, OnEnd on_end) {
  state_->on_peer = std::move(on_peer);
  state_->on_end = std::move(on_end);
  state_->deadline.expires_after(kHandshakeDeadline);
  state_->deadline.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->end(Refusal{RefusalReason::timeout, "the handshake took too long"});
  });
  boost::asio::post(state_->io, [self = shared_from_this()] {
    self->state_->stream->start([self](const error_code& error) {
      if (error) return self->end(Refusal{RefusalReason::tls, error.message()});
      self->take(self->state_->handshake.start());
    });
  });
}

void LinkSession::end(std::optional<Refusal> refusal) {
  if (!state_->on_end) return;
  const auto self = shared_from_this();
  const auto on_end = std::exchange(state_->on_end, nullptr);
  state_->on_peer = nullptr;
  state_->deadline.cancel();
  if (refusal) state_->stream->close();
  on_end(*this, std::move(refusal));
}

void LinkSession::read_head() {
  state_->stream->read(state_->head.data(), state_->head.size(), [self = shared_from_this()](const error_code& error) {
    if (error) return self->end(refusal_of(error));
    const auto head = LinkHead::parse(self->state_->head);
    if (!head) return self->end(Refusal{RefusalReason::malformed, "not a message of the cluster's protocol"});
    self->read_body(*head);
  });
}

void LinkSession::read_body(LinkHead head) {
  auto& body = state_->body;
  body.resize(head.size);
  state_->stream->read(body.data(), body.size(), [self = shared_from_this(), head](const error_code& error) {
    if (error) return self->end(refusal_of(error));
    self->take(self->state_->handshake.on_message(head.type, self->state_->body));
  });
}

void LinkSession::take(Handshake::Step step) {
  if (!state_->on_end) return;
  if (state_->on_peer && state_->handshake.peer_proved()) {
    std::exchange(state_->on_peer, nullptr)(state_->handshake.peer());
  }
  auto go_on = [self = shared_from_this(), done = step.done, refused = step.refused](const error_code& error) {
    if (refused) return self->end(refused);
    if (error) return self->end(refusal_of(error));
    if (done) return self->end(std::nullopt);
    self->read_head();
  };
  if (step.send.empty()) return go_on({});
  state_->stream->write(std::move(step.send), std::move(go_on));
}

}  // namespace danwa::infra
