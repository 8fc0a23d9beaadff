#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "infra/redis/reply.hpp"

struct redisReader;

namespace danwa::infra {

/// Parses replies with hiredis's reader. For any bytes it uses bounded memory and ends with a reply, with `failed()`,
/// or with a wait for more bytes.
class ReplyReader {
 public:
  static constexpr std::size_t kMostBytes = 4UL << 20;  ///< bytes of an unfinished reply
  static constexpr std::size_t kMostItems = 8;          ///< of an array

  ReplyReader();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  void feed(std::string_view bytes);

  /// The next reply; nullopt: more bytes are needed, or the reader has failed.
  std::optional<Reply> next();

  /// The bytes were not Redis's protocol, or a bound was exceeded. No further reply can be read.
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
