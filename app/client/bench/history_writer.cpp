#include "app/client/bench/history_writer.hpp"

#include <cinttypes>
#include <stdexcept>

#include "app/client/bench/text_hash.hpp"

namespace danwa::app::bench {
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

}  // namespace danwa::app::bench
