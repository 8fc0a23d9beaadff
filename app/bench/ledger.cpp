#include "app/bench/ledger.hpp"

#include <cinttypes>
#include <stdexcept>

// Checks a run while it runs. The ledger has one entry per seq of a conversation, with the hash of a text instead of
// the text. Acknowledgements and deliveries of all watchers meet in that entry, so each costs one array access, and
// every difference is a violation. A post without an answer is unknown: its text may appear once, or never. Frames are
// scanned for the few fields that are needed, without a JSON parser, since the tool must be cheaper than the server.
// HistoryWriter writes the same events for a checker that runs afterwards.

namespace danwa::bench {
namespace {

/// `find` with glibc's memmem, which is several times faster than std::string_view::find.
std::size_t find(std::string_view text, std::string_view wanted) {
  const void* found = ::memmem(text.data(), text.size(), wanted.data(), wanted.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

std::string_view scan_text(std::string_view json, std::string_view opening) {
  const auto at = find(json, opening);
  if (at == std::string_view::npos) return {};
  const auto start = at + opening.size();
  auto end = start;
  while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
  return end <= json.size() ? json.substr(start, end - start) : std::string_view{};
}

std::uint64_t scan_number(std::string_view json, std::string_view opening) {
  const auto at = find(json, opening);
  if (at == std::string_view::npos) return 0;
  std::uint64_t number = 0;
  for (auto i = at + opening.size(); i < json.size() && json[i] >= '0' && json[i] <= '9'; ++i) {
    number = number * 10 + static_cast<std::uint64_t>(json[i] - '0');
  }
  return number;
}

std::optional<ScannedFrame> scan_frame(std::string_view json) {
  ScannedFrame frame;
  frame.type = scan_text(json, R"("type":")");
  if (frame.type.empty()) return std::nullopt;
  if (!frame.type.starts_with("comment-")) {
    frame.cursor = scan_text(json, R"("cursor":")");
    return frame;
  }
  frame.id = scan_text(json, R"("commentId":")");
  frame.text = scan_text(json, R"("commentContent":")");
  const auto after_text =
      frame.text.empty() ? json : json.substr(static_cast<std::size_t>(frame.text.end() - json.begin()));
  frame.seq = scan_number(after_text, R"("seq":)");
  return frame.seq == 0 ? std::nullopt : std::optional{frame};
}

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

namespace {

int size_of(std::string_view text) { return static_cast<int>(text.size()); }

}  // namespace

HistoryWriter::HistoryWriter(const std::string& file) {
  if (file.empty()) return;
  file_ = std::fopen(file.c_str(), "w");
  if (file_ == nullptr) throw std::runtime_error{"cannot write " + file};
}

HistoryWriter::~HistoryWriter() {
  if (file_ != nullptr) std::fclose(file_);
}

void HistoryWriter::post(const Post& p) {
  if (!on()) return;
  const char* result = p.status == 201 ? "ok" : p.status == 0 || p.status >= 500 ? "unknown" : "refused";
  std::fprintf(file_,
               R"({"op":"post","node":"%.*s","conversation":"%.*s","key":"%.*s","hash":"%016)" PRIx64
               R"(","start":%)" PRId64 R"(,"end":%)" PRId64 R"(,"result":"%s","status":%d)",
               size_of(p.node), p.node.data(), size_of(p.conversation), p.conversation.data(), size_of(p.key),
               p.key.data(), p.hash, p.start_us, p.end_us, result, p.status);
  if (p.status == 201) std::fprintf(file_, R"(,"id":"%.*s","seq":%)" PRIu64, size_of(p.id), p.id.data(), p.seq);
  std::fputs("}\n", file_);
}

void HistoryWriter::watch(std::size_t watcher, std::string_view node, std::string_view conversation,
                          std::uint64_t after, std::int64_t at_us) {
  if (!on()) return;
  std::fprintf(file_,
               R"({"op":"watch","watcher":%zu,"node":"%.*s","conversation":"%.*s","after":%)" PRIu64 R"(,"at":%)" PRId64
               "}\n",
               watcher, size_of(node), node.data(), size_of(conversation), conversation.data(), after, at_us);
}

void HistoryWriter::deliver(std::size_t watcher, std::string_view node, std::string_view conversation,
                            const ScannedFrame& shown, std::int64_t at_us) {
  if (!on()) return;
  std::fprintf(file_, R"({"op":"deliver","watcher":%zu,"node":"%.*s","conversation":"%.*s","at":%)" PRId64, watcher,
               size_of(node), node.data(), size_of(conversation), conversation.data(), at_us);
  update(shown);
}

void HistoryWriter::log(std::string_view node, std::string_view conversation, const ScannedFrame& shown,
                        std::int64_t asked_us) {
  if (!on()) return;
  std::fprintf(file_, R"({"op":"log","node":"%.*s","conversation":"%.*s","at":%)" PRId64, size_of(node), node.data(),
               size_of(conversation), conversation.data(), asked_us);
  update(shown);
}

void HistoryWriter::update(const ScannedFrame& shown) {
  std::fprintf(file_, R"(,"type":"%.*s","seq":%)" PRIu64 R"(,"id":"%.*s")", size_of(shown.type), shown.type.data(),
               shown.seq, size_of(shown.id), shown.id.data());
  if (!shown.text.empty()) std::fprintf(file_, R"(,"hash":"%016)" PRIx64 "\"", text_hash(shown.text));
  std::fputs("}\n", file_);
}

}  // namespace danwa::bench
