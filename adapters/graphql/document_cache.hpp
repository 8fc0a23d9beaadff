#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/graphql/document.hpp"
#include "adapters/graphql/parse.hpp"
#include "adapters/graphql/schema.hpp"

namespace danwa::adapters::graphql {

/// Parsed and validated documents by their text, the least recently used going first, at most about kMaxBytes
/// of them. Texts that fail are not kept. Thread safe: one mutex, held for look-ups only, never while a text is read.
class DocumentCache {
 public:
  static constexpr std::size_t kMaxBytes = 16 * 1024 * 1024;

  explicit DocumentCache(const Schema& schema, std::size_t max_entries = 256, ParseLimits limits = {})
      : schema_{schema}, max_entries_{max_entries}, limits_{limits} {}

  /// The document of `text`, parsed and validated now or before. Errors: those of `parse` and `validate`.
  Outcome<std::shared_ptr<const Document>> prepare(std::string_view text);

  std::size_t size() const;  ///< in documents

 private:
  using Entries = std::list<std::shared_ptr<const Document>>;  // most recently used first

  std::shared_ptr<const Document> find(std::string_view text);
  void keep(const std::shared_ptr<const Document>& document);
  void drop_oldest();

  const Schema& schema_;
  const std::size_t max_entries_;
  const ParseLimits limits_;
  mutable std::mutex mutex_;  // requests of all threads share the cache
  Entries entries_;
  std::size_t bytes_ = 0;                                            // of all entries
  std::unordered_map<std::string_view, Entries::iterator> by_text_;  // keys lie in the documents' sources
};

}  // namespace danwa::adapters::graphql
