#include <algorithm>
#include <utility>

#include "infra/caf/peer_connection_worker.hpp"

namespace danwa::caf {

// Two tables. `peers_` holds, by name, the nodes that this node has accepted a connection of; each peer has one place,
// which is free, reserved (both sides are still agreeing) or up. `addresses_` holds the addresses to dial: seeds, which
// stay for ever, and addresses that peers have named. An address is dialled while its node is not connected.
//
// The difficult part is `judge`: two nodes that dial each other at once have two connections and must keep the same
// one. Let A have the lower name, so A decides. A refuses the connection that B dialled if A's own dial has already
// reached B. Otherwise A takes the first connection that it judges. B follows: as a dialler it takes a connection that
// A has accepted, even if it has reserved its place for the other one. B never gives up a connection that is up.
//
//   A dials B: A's verdict comes last. A finds its place free and accepts, or taken and says `occupied`.
//   B dials A: B's verdict comes last. A has accepted it, so B accepts and drops a mere reservation.
//
// If one side says `occupied` and the other has no connection at all, the first one holds a connection whose death it
// has not noticed. The other says `stale`, the first one cuts it, and the next dial succeeds.

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxPeers = 64;
constexpr std::size_t kMaxAddresses = 128;
constexpr unsigned kGiveUpAfter = 300;  // failed dials of an address that is no seed: about ten minutes or more
constexpr milliseconds kFirstDelay{100};
constexpr milliseconds kMemberDelay{2'000};    // longest delay for a node that has been a member
constexpr milliseconds kStrangerDelay{5'000};  // longest delay for any other address
constexpr milliseconds kYield{200};  // the higher name waits this much longer: two nodes seldom dial each other at once
constexpr std::chrono::seconds kStableAfter{1};   // a connection that was up this long resets the delays
constexpr std::chrono::minutes kForgetAfter{10};  // for a member that is down

}  // namespace

Membership::Membership(Self self, const std::vector<std::string>& seeds, std::uint64_t jitter_seed)
    : self_{std::move(self)}, jitter_{static_cast<std::minstd_rand::result_type>(jitter_seed)} {
  for (const auto& seed : seeds) addresses_[seed].seed = true;
  addresses_.erase(self_.advertise);
}

std::vector<std::string> Membership::take_due(Time now) {
  std::vector<std::string> due;
  for (auto& [address, dial] : addresses_) {
    if (!wants_dial(dial) || dial.due > now) continue;
    dial.under_way = true;
    dial.reached = false;
    due.push_back(address);
  }
  return due;
}

std::optional<Membership::Time> Membership::next_due() const {
  std::optional<Time> next;
  for (const auto& [address, dial] : addresses_) {
    if (wants_dial(dial) && (!next || dial.due < *next)) next = dial.due;
  }
  for (const auto& [name, peer] : peers_) {
    if (!peer.joined || peer.place != Place::free) continue;
    const Time forgotten = peer.since + kForgetAfter;
    if (!next || forgotten < *next) next = forgotten;
  }
  return next;
}

bool Membership::wants_dial(const Dial& dial) const {
  if (dial.under_way) return false;
  if (dial.name.empty()) return true;
  const Peer* peer = find(dial.name);
  return (peer == nullptr || peer->place == Place::free) && !dialling(dial.name);
}

void Membership::dial_reached(const std::string& address, const Hello& peer) {
  const auto found = addresses_.find(address);
  if (found == addresses_.end()) return;
  found->second.reached = true;
  found->second.name = peer.name;
  const Peer* known = find(peer.name);
  found->second.joined = known != nullptr && known->joined;
}

void Membership::dial_ended(const std::string& address, Time now) {
  const auto found = addresses_.find(address);
  if (found == addresses_.end()) return;
  auto& dial = found->second;
  dial.under_way = false;
  schedule(dial, now);
  if (!dial.seed && dial.failures > kGiveUpAfter) addresses_.erase(found);
}

/// Plans the next dial: 100 ms after the first failure, then twice as long each time, up to the cap, with up to 25 % of
/// jitter.
void Membership::schedule(Dial& dial, Time now) {
  const milliseconds cap = dial.joined ? kMemberDelay : kStrangerDelay;
  const milliseconds base = std::min(kFirstDelay * (1 << std::min(dial.failures, 6U)), cap * 4 / 5);
  const auto spread = static_cast<unsigned>(base.count() / 4 + 1);
  ++dial.failures;
  dial.due = now + base + milliseconds{jitter_() % spread};
}

void Membership::heard_of(const std::vector<std::string>& addresses, Time now) {
  for (const auto& address : addresses) {
    if (address == self_.advertise || addresses_.size() >= kMaxAddresses) continue;
    addresses_.try_emplace(address, Dial{false, false, false, {}, false, 0, now});
  }
}

Verdict Membership::judge(PeerRole role, const Hello& peer, std::optional<Verdict> theirs, std::uint64_t link,
                          Time now) {
  if (peer.name == self_.name) return peer.incarnation == self_.incarnation ? Verdict::self : Verdict::name_in_use;
  const Peer* known = find(peer.name);
  const bool other = known != nullptr && known->member.incarnation != peer.incarnation;
  if (other && known->place == Place::up) return Verdict::name_in_use;
  // A reservation of an earlier start of the same node gives way.
  const bool taken = known != nullptr && known->place != Place::free && !other;
  const bool we_decide = self_.name < peer.name;
  if (role == PeerRole::acceptor) {
    const bool prefer_own = we_decide && dialled_into(peer.name);
    return taken || prefer_own ? Verdict::occupied : reserve(peer, link, now);
  }
  // The acceptance of the lower name outweighs this node's reservation, but not a connection that is up.
  if (theirs == Verdict::accept && (!taken || (!we_decide && known->place == Place::reserved))) {
    return reserve(peer, link, now);
  }
  return theirs == Verdict::occupied && !taken ? Verdict::stale : Verdict::occupied;
}

Verdict Membership::reserve(const Hello& peer, std::uint64_t link, Time now) {
  if (!peers_.contains(peer.name)) make_room(now);
  auto& place = peers_[peer.name];
  place.member = {peer.name, peer.incarnation, MemberState::down, peer.advertise, peer.http_advertise};
  place.place = Place::reserved;
  place.link = link;
  place.left = false;
  place.since = now;
  return Verdict::accept;
}

void Membership::make_room(Time now) {
  if (peers_.size() < kMaxPeers) return;
  auto oldest = peers_.end();
  for (auto it = peers_.begin(); it != peers_.end(); ++it) {
    const bool older = oldest == peers_.end() || it->second.since < oldest->second.since;
    if (it->second.place == Place::free && it->second.since < now && older) oldest = it;
  }
  if (oldest != peers_.end()) peers_.erase(oldest);
}

std::optional<std::uint64_t> Membership::live_link(const Hello& peer) const {
  const Peer* known = find(peer.name);
  if (known == nullptr || known->place != Place::up || known->member.incarnation != peer.incarnation) return {};
  return known->link;
}

std::optional<Member> Membership::link_up(std::uint64_t link, Time now) {
  Peer* peer = peer_of(link);
  if (peer == nullptr) return std::nullopt;
  peer->place = Place::up;
  peer->joined = true;
  peer->since = now;
  peer->member.state = MemberState::up;
  std::erase_if(peers_, [peer](const auto& entry) {  // nodes that had this address before
    const Peer& other = entry.second;
    return other.place == Place::free && other.member.advertise == peer->member.advertise;
  });
  if (!peer->left) note_address(peer->member, now);
  return peer->member;
}

/// Keeps one address per member, the advertised one. Its other addresses are removed, except seeds.
void Membership::note_address(const Member& member, Time now) {
  std::erase_if(addresses_, [&](const auto& entry) {
    const auto& [address, dial] = entry;
    return dial.name == member.name && !dial.seed && !dial.under_way && address != member.advertise;
  });
  auto& dial = addresses_.try_emplace(member.advertise, Dial{false, false, false, {}, false, 0, now}).first->second;
  dial.name = member.name;
  dial.joined = true;
}

std::optional<Member> Membership::said_goodbye(std::uint64_t link) {
  Peer* peer = peer_of(link);
  if (peer == nullptr || std::exchange(peer->left, true) || peer->place != Place::up) return std::nullopt;
  forget_addresses_of(peer->member.name);
  return peer->member;
}

bool Membership::forget_lost(Time now) {
  const auto count = std::erase_if(peers_, [now](const auto& entry) {
    const Peer& peer = entry.second;
    return peer.joined && peer.place == Place::free && now - peer.since >= kForgetAfter;
  });
  return count > 0;
}

void Membership::forget_addresses_of(const std::string& name) {
  std::erase_if(addresses_, [&](const auto& entry) {
    return entry.second.name == name && !entry.second.seed && !entry.second.under_way;
  });
}

std::optional<Member> Membership::link_lost(std::uint64_t link, Time now) {
  Peer* peer = peer_of(link);
  if (peer == nullptr) return std::nullopt;
  const bool was_up = peer->place == Place::up;
  const bool stable = was_up && now - peer->since > kStableAfter;
  peer->place = Place::free;
  peer->since = now;
  peer->link = 0;
  peer->member.state = MemberState::down;
  for (auto& [address, dial] : addresses_) {
    if (dial.name != peer->member.name) continue;
    if (stable) dial.failures = 0;
    if (!dial.under_way) schedule(dial, now);
    if (self_.name > dial.name) dial.due += kYield;
  }
  if (!was_up) return std::nullopt;
  Member member = peer->member;
  if (peer->left) peers_.erase(member.name);
  return member;
}

std::vector<Member> Membership::members() const {
  std::vector<Member> all;
  for (const auto& [name, peer] : peers_) {
    if (peer.joined && !peer.left) all.push_back(peer.member);
  }
  return all;
}

std::vector<std::string> Membership::addresses() const {
  std::vector<std::string> all;
  for (const auto& [name, peer] : peers_) {
    if (peer.place == Place::up && !peer.left) all.push_back(peer.member.advertise);
  }
  return all;
}

Membership::Peer* Membership::peer_of(std::uint64_t link) {
  const auto has_link = [&](const auto& entry) {
    return entry.second.place != Place::free && entry.second.link == link;
  };
  const auto found = std::find_if(peers_.begin(), peers_.end(), has_link);
  return found == peers_.end() ? nullptr : &found->second;
}

const Membership::Peer* Membership::find(const std::string& name) const {
  const auto found = peers_.find(name);
  return found == peers_.end() ? nullptr : &found->second;
}

bool Membership::holds(std::uint64_t link) const {
  return std::any_of(peers_.begin(), peers_.end(),
                     [&](const auto& entry) { return entry.second.place != Place::free && entry.second.link == link; });
}

bool Membership::is_member(std::uint64_t link) const {
  return std::any_of(peers_.begin(), peers_.end(), [&](const auto& entry) {
    return entry.second.place == Place::up && entry.second.link == link && !entry.second.left;
  });
}

bool Membership::dialled_into(const std::string& name) const {
  return std::any_of(addresses_.begin(), addresses_.end(), [&](const auto& entry) {
    return entry.second.under_way && entry.second.reached && entry.second.name == name;
  });
}

bool Membership::dialling(const std::string& name) const {
  return std::any_of(addresses_.begin(), addresses_.end(),
                     [&](const auto& entry) { return entry.second.under_way && entry.second.name == name; });
}

}  // namespace danwa::caf
