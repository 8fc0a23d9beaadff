#include "adapters/graphql/document_cache.hpp"

#include "adapters/graphql/validate.hpp"

namespace danwa::adapters::graphql {
namespace {

constexpr std::size_t kBytesPerToken = 160;  // of a tree: a field without arguments has one token

std::size_t bytes_of(const Document& document) { return document.source.size() + document.tokens * kBytesPerToken; }

}  // namespace

Outcome<std::shared_ptr<const Document>> DocumentCache::prepare(std::string_view text) {
  if (auto known = find(text)) return known;
  auto parsed = parse(text, limits_);
  if (!parsed) return refuse(std::move(parsed).error());
  auto document = std::make_shared<const Document>(std::move(*parsed));
  if (auto errors = validate(schema_, *document); !errors.empty()) return refuse(std::move(errors));
  keep(document);
  return document;
}

std::size_t DocumentCache::size() const {
  const std::scoped_lock lock{mutex_};
  return entries_.size();
}

std::shared_ptr<const Document> DocumentCache::find(std::string_view text) {
  const std::scoped_lock lock{mutex_};
  const auto found = by_text_.find(text);
  if (found == by_text_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return entries_.front();
}

void DocumentCache::keep(const std::shared_ptr<const Document>& document) {
  const std::scoped_lock lock{mutex_};
  if (max_entries_ == 0 || by_text_.contains(document->source)) return;  // another thread was faster
  const auto bytes = bytes_of(*document);
  while (!entries_.empty() && (entries_.size() == max_entries_ || bytes_ + bytes > kMaxBytes)) drop_oldest();
  entries_.push_front(document);
  by_text_.emplace(document->source, entries_.begin());
  bytes_ += bytes;
}

void DocumentCache::drop_oldest() {
  bytes_ -= bytes_of(*entries_.back());
  by_text_.erase(entries_.back()->source);
  entries_.pop_back();
}

}  // namespace danwa::adapters::graphql
