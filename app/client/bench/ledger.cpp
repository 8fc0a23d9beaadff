#include "app/client/bench/ledger.hpp"

namespace danwa::app::bench {

Ledger::Entry& Ledger::entry(std::size_t conversation, std::uint64_t seq) {
  auto& entries = channels_[conversation].entries;
  if (entries.size() < seq) entries.resize(seq);
  return entries[seq - 1];
}

void Ledger::acknowledged(std::size_t conversation, std::uint64_t seq, std::uint64_t hash, std::int64_t at_us) {
  if (seq == 0) {
    ++violations_.reordered;
    return;
  }
  auto& one = entry(conversation, seq);
  if (one.hashed && one.hash != hash) ++violations_.reordered;
  if (one.acknowledged_us != 0) ++violations_.duplicated;
  one.hash = hash;
  one.known = one.hashed = true;
  one.acknowledged_us = at_us;
  ++acknowledged_;
  auto& head = channels_[conversation].head;
  head = seq > head ? seq : head;
}

std::int64_t Ledger::seen(std::size_t conversation, std::uint64_t seq, std::uint64_t hash) {
  auto& one = entry(conversation, seq);
  if (one.hashed && one.hash != hash) ++violations_.reordered;
  if (!one.hashed) one.hash = hash;
  one.known = one.hashed = true;
  return one.acknowledged_us;
}

std::int64_t Ledger::passed(std::size_t conversation, std::uint64_t seq) {
  auto& one = entry(conversation, seq);
  one.known = true;
  return one.acknowledged_us;
}

void Ledger::out_of_turn(std::uint64_t seq, std::uint64_t expected) {
  if (seq < expected) {
    ++violations_.duplicated;
  } else {
    ++violations_.lost;
    ++violations_.reordered;
  }
}

void Ledger::close_channel(const Channel& channel, bool complete) {
  std::unordered_set<std::uint64_t> hashes;
  for (std::uint64_t seq = 1; seq <= channel.entries.size(); ++seq) {
    const auto& one = channel.entries[seq - 1];
    if (!one.known) {
      if (complete && seq < channel.head) ++violations_.lost;
      continue;
    }
    if (!one.hashed) continue;
    if (!hashes.insert(one.hash).second) ++violations_.duplicated;
    if (one.acknowledged_us == 0 && !unknown_.contains(one.hash)) ++violations_.foreign;
  }
}

const Violations& Ledger::close(bool complete) {
  for (const auto& channel : channels_) close_channel(channel, complete);
  return violations_;
}

}  // namespace danwa::app::bench
