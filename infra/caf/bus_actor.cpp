#include "infra/caf/bus_actor.hpp"

#include <utility>

#include "infra/caf/handshake.hpp"

namespace danwa::caf {

// The fast path between nodes: best effort, ordered per peer, bounded. CAF's BASP has neither flow control nor a bound
// on its write buffer: with a stopped peer and 20,000 events a second a sender grew from 10 to 139 MB in 20 s. So the
// bus keeps a window per peer.
// At most 2,048 events are unacknowledged; more wait in a queue of 8,192 that drops the oldest. The same test then
// stays below 12 MB. A dropped event leaves a mark "check the log" for its channel, and the peer reads what it
// missed.
//
// The life of a relay: `expect` creates it when the io thread has authenticated a connection. It queues events from
// then on. `open` sets `remote` once the handle of the peer's bus is known. The dialling side gets the handle from BASP
// and sends `BusHello`; the accepting side takes the sender of `BusHello`. `link_gone` deletes the relay and its queue.
// A new relay begins with the mark for all channels, so a reconnect never hides a loss.
//
// Batches are numbered, and an acknowledgement covers every batch up to its number. Messages between nodes are atoms,
// numbers and strings only. A message that CAF cannot decode arrives empty, at the default handler, which counts it.

namespace {

// Waking threads costs more than serialising. At 5,000 events a second a flush each millisecond cut the CPU per event
// from 135 to 80 us at the sender and from 98 to 27 us at the receiver. A lone event does not wait for the window.
constexpr std::chrono::microseconds kQuiet{500};     // after this long without a flush an event leaves at once
constexpr std::chrono::microseconds kWindow{1'000};  // else it leaves this long after the last flush
constexpr std::chrono::milliseconds kGoodbye{500};   // limit for a peer's answer to a goodbye
constexpr std::size_t kAckEvents = 64;
constexpr std::size_t kAckBytes = std::size_t{64} * 1024;

}  // namespace

void BusState::broadcast(const delivery::FramePtr& frame) {
  if (relays_.empty()) return;
  const std::string channel = frame->channel().to_string();
  delivery::BusEventPtr event;  // made for the first peer that wants it
  bool full = false, skipped = false;
  for (auto& [link, relay] : relays_) {
    if (!relay.interest.wants(channel)) {
      skipped = true;
      continue;
    }
    if (!event) event = to_event(*delivery::Frame::current(frame));
    relay.queue.push(event);
    full = full || relay.queue.full_batch();
  }
  const auto now = Clock::now();
  if (skipped) skipped_.note(channel, now);
  if (!event) return;
  const auto since = now - flushed_;
  if (full || (since >= kQuiet && !flush_planned_)) return flush_all();
  plan_flush(kWindow - since);
}

delivery::BusEventPtr BusState::to_event(const delivery::Frame& frame) const {
  return delivery::BusEvent::of(frame, delivery::log_now(needs_->log).database);
}

void BusState::plan_flush(Clock::duration after) {
  if (!std::exchange(flush_planned_, true)) self_->delayed_send(self_, after, BusFlush::value);
}

void BusState::tell_interest() {
  for (const auto& message : needs_->interest->take_news()) {
    for (const auto& [link, relay] : relays_) {
      if (relay.remote) self_->send(relay.remote, BusInterest::value, link, message);
    }
  }
}

/// An update that this node skipped while the peer's word was on its way is in the log; a mark says so.
void BusState::on_interest(std::uint64_t link, const std::string& message) {
  Relay* relay = live(link);
  if (relay == nullptr) return on_unexpected();
  const auto now = Clock::now();
  const auto mark_if_skipped = [&](const std::string& channel) {
    if (skipped_.has(channel, now)) relay->queue.mark(channel);
  };
  if (!relay->interest.hear(message, mark_if_skipped)) on_unexpected();
  send_batches(link, *relay);
}

void BusState::flush() {
  flush_planned_ = false;
  flush_all();
}

void BusState::flush_all() {
  flushed_ = Clock::now();
  tell_interest();
  for (auto& [link, relay] : relays_) {
    if (relay.remote) send_batches(link, relay);
  }
}

void BusState::send_batches(std::uint64_t link, Relay& relay) {
  while (auto batch = relay.queue.take()) {
    needs_->metrics.bus_events_out.add(batch->events);
    self_->send(relay.remote, BusBatch::value, link, batch->number, std::move(batch->bytes));
  }
  needs_->metrics.relay_drops.add(relay.queue.dropped() - relay.dropped);
  relay.dropped = relay.queue.dropped();
}

void BusState::expect(std::uint64_t link, const ::caf::actor& watcher) {
  Relay relay;
  relay.watcher = watcher;
  relays_.insert_or_assign(link, std::move(relay));
  self_->send(watcher, LinkBegin::value);
}

void BusState::link_ready(std::uint64_t link, const ::caf::actor& remote) {
  const auto found = relays_.find(link);
  if (found == relays_.end()) return;
  self_->send(remote, BusHello::value, link);
  open(link, found->second, remote);
}

void BusState::on_hello(std::uint64_t link) {
  const auto found = relays_.find(link);
  const auto sender = self_->current_sender();
  const bool direct = sender && sender->node() != self_->node();
  if (found == relays_.end() || found->second.remote || !direct) return on_unexpected();
  const auto remote = ::caf::actor_cast<::caf::actor>(sender);
  self_->send(found->second.watcher, PeerReady{link, remote});
  open(link, found->second, remote);
}

/// Starts the flow of events to the peer. The queue's mark for all channels goes first.
void BusState::open(std::uint64_t link, Relay& relay, const ::caf::actor& remote) {
  relay.remote = remote;
  for (const auto& message : needs_->interest->all()) self_->send(remote, BusInterest::value, link, message);
  send_batches(link, relay);
  if (leaving_) say_goodbye(link, relay, [] {});
}

void BusState::tell_peers(const std::string& addresses) {
  for (const auto& [link, relay] : relays_) {
    if (relay.remote) self_->send(relay.remote, BusGossip::value, link, addresses);
  }
}

void BusState::tell_presence(const TellPresence& told) {
  for (const auto& [link, relay] : relays_) {
    const bool meant = !told.link || *told.link == link;
    if (relay.remote && meant) self_->send(relay.remote, BusPresence::value, link, told.message);
  }
}

::caf::typed_response_promise<bool> BusState::say_goodbye() {
  leaving_ = true;
  auto promise = self_->make_response_promise<bool>();
  auto waiting = std::make_shared<std::size_t>(1);
  auto heard = [promise, waiting]() mutable {
    if (--*waiting == 0) promise.deliver(true);
  };
  for (const auto& [link, relay] : relays_) {
    if (!relay.remote) continue;
    ++*waiting;
    say_goodbye(link, relay, heard);
  }
  heard();  // the initial count of one: every peer has been asked
  return promise;
}

void BusState::say_goodbye(std::uint64_t link, const Relay& relay, std::function<void()> heard) {
  self_->request(relay.remote, kGoodbye, BusBye::value, link)
      .then([heard](std::uint64_t) { heard(); }, [heard](const ::caf::error&) { heard(); });
}

std::uint64_t BusState::on_bye(std::uint64_t link) {
  if (live(link) == nullptr) {
    on_unexpected();
  } else if (const auto events = needs_->events.lock()) {
    events->peer_left(link);
  }
  return link;
}

BusState::Relay* BusState::live(std::uint64_t link) {
  const auto found = relays_.find(link);
  return found == relays_.end() || !found->second.remote ? nullptr : &found->second;
}

void BusState::on_batch(std::uint64_t link, std::uint64_t number, const std::string& bytes) {
  Relay* relay = live(link);
  if (relay == nullptr) return on_unexpected();
  relay->unacknowledged_events += deliver(*relay, bytes);
  relay->unacknowledged_bytes += bytes.size();
  if (relay->unacknowledged_events < kAckEvents && relay->unacknowledged_bytes < kAckBytes) return;
  relay->unacknowledged_events = 0;
  relay->unacknowledged_bytes = 0;
  self_->send(relay->remote, BusAck::value, link, number);
}

std::size_t BusState::deliver(Relay& relay, const std::string& bytes) {
  std::vector<delivery::LoggedUpdate> updates;
  std::size_t read = 0;
  const std::string database = delivery::log_now(needs_->log).database;
  delivery::EnvelopeReader reader{bytes};
  for (; const auto envelope = reader.next(); ++read) {
    if (envelope->known()) {
      take(*envelope, database, updates);
    } else {
      refuse_version(relay, envelope->version);
    }
  }
  if (reader.malformed()) {
    on_unexpected();
    check_log({});
  }
  needs_->metrics.bus_events_in.add(updates.size());
  if (!updates.empty()) needs_->listener.on_updates(std::move(updates));
  return read;
}

void BusState::take(const delivery::Envelope& envelope, const std::string& database,
                    std::vector<delivery::LoggedUpdate>& updates) {
  auto message = delivery::decode(envelope);
  if (!message || std::holds_alternative<delivery::PresenceMessage>(*message)) {
    on_unexpected();
    check_log({domain::ChannelKey::parse(envelope.channel)});
  } else if (const auto* mark = std::get_if<delivery::CheckLog>(&*message)) {
    check_log(*mark);
  } else if (envelope.database() != database) {  // the link was made before one of the two changed its database
    needs_->metrics.bus_foreign.add();
    check_log({domain::ChannelKey::parse(envelope.channel)});
  } else {
    updates.push_back(std::get<delivery::LoggedUpdate>(*std::move(message)));
  }
}

void BusState::refuse_version(Relay& relay, std::uint16_t version) {
  on_unexpected();
  check_log({});
  if (std::exchange(relay.version_told, true)) return;
  needs_->logger.warn("bus.version-refused", {{"version", static_cast<std::int64_t>(version)},
                                              {"known", static_cast<std::int64_t>(delivery::kEnvelopeVersion)}});
}

void BusState::check_log(const delivery::CheckLog& mark) {
  if (mark.channel) {
    needs_->listener.check_log(*mark.channel);
  } else {
    needs_->listener.look_at_log_everywhere();
  }
}

void BusState::on_ack(std::uint64_t link, std::uint64_t number) {
  Relay* relay = live(link);
  const bool waited = relay != nullptr && relay->queue.starved();
  if (relay == nullptr || !relay->queue.acknowledge(number)) return on_unexpected();
  if (waited) send_batches(link, *relay);  // only if starved: a send after each acknowledgement defeats batching
}

void BusState::on_gossip(std::uint64_t link, const std::string& addresses) {
  if (live(link) == nullptr) return on_unexpected();
  if (const auto events = needs_->events.lock()) events->heard_of(split_addresses(addresses));
}

void BusState::on_presence(std::uint64_t link, const std::string& message) {
  if (live(link) == nullptr) return on_unexpected();
  needs_->listener.on_presence(std::to_string(link), message);
}

::caf::behavior bus_behavior(BusActor* self, const BusNeeds& needs) {
  auto& bus = self->state;
  bus.prepare(needs);
  self->set_default_handler([&bus](::caf::scheduled_actor*, ::caf::message_view&) -> ::caf::result<::caf::message> {
    bus.on_unexpected();
    return ::caf::sec::unexpected_message;
  });
  return {
      [&bus](const FramesWait& waiting) {
        for (const auto& frame : waiting.inbox->take()) bus.broadcast(frame);
      },
      [&bus](BusBatch, std::uint64_t link, std::uint64_t number, const std::string& bytes) {
        bus.on_batch(link, number, bytes);
      },
      [&bus](BusAck, std::uint64_t link, std::uint64_t number) { bus.on_ack(link, number); },
      [&bus](BusFlush) { bus.flush(); },
      [&bus](const ExpectPeer& expected) { bus.expect(expected.link, expected.watcher); },
      [&bus](const PeerReady& ready) { bus.link_ready(ready.link, ready.remote); },
      [&bus](const PeerGone& gone) { bus.link_gone(gone.link); },
      [&bus](const TellPeers& told) { bus.tell_peers(told.addresses); },
      [&bus](const TellPresence& told) { bus.tell_presence(told); },
      [&bus](InterestChanged) { bus.plan_flush(kWindow); },  // peers hear of it with the next flush
      [&bus](const SayGoodbye&) { return bus.say_goodbye(); },
      [&bus](BusBye, std::uint64_t link) { return bus.on_bye(link); },
      [&bus](BusPresence, std::uint64_t link, const std::string& message) { bus.on_presence(link, message); },
      [&bus](BusInterest, std::uint64_t link, const std::string& message) { bus.on_interest(link, message); },
      [&bus](BusHello, std::uint64_t link) { bus.on_hello(link); },
      [&bus](BusGossip, std::uint64_t link, const std::string& addresses) { bus.on_gossip(link, addresses); },
  };
}

}  // namespace danwa::caf
