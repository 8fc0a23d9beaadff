#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "infra/redis/reply.hpp"

struct redisReader;

namespace danwa::infra {

/// Makes replies of the bytes that Redis sends, with hiredis's own reader. Whatever the bytes are, it takes
/// bounded memory and ends in a reply, in `failed()`, or in waiting for more.
class ReplyReader {
 public:
  static constexpr std::size_t kMostBytes = 4UL << 20;  ///< of an unfinished reply
  static constexpr std::size_t kMostItems = 8;          ///< of an array

  ReplyReader();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  void feed(std::string_view bytes);

  /// The next reply; nothing: more bytes are needed, or it has failed.
  std::optional<Reply> next();

  /// From here on nothing can be read.
  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }

 private:
  struct Free {
    void operator()(redisReader* reader) const;
  };

  std::unique_ptr<redisReader, Free> reader_;
  std::string error_;
};

}  // namespace danwa::infra
