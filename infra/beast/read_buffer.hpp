#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace danwa::infra {

/// Received bytes that are not consumed yet, in one piece. Grows on demand up to a bound, then offers no space.
class ReadBuffer {
 public:
  std::string_view bytes() const { return {storage_.data() + begin_, end_ - begin_}; }

  /// Space for the next bytes; empty when `limit` bytes wait to be consumed. Moves the waiting bytes, so it must not be
  /// called during a read into an earlier space.
  std::span<char> space(std::size_t limit) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == storage_.size() && begin_ > 0) {
      std::memmove(storage_.data(), storage_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ == storage_.size() || filled_) storage_.resize(std::min(limit, std::max(kFirstSize, 2 * storage_.size())));
    filled_ = false;
    return std::span{storage_}.subspan(end_);
  }

  void commit(std::size_t size) {
    end_ += size;
    filled_ = end_ == storage_.size();
  }
  void consume(std::size_t size) { begin_ += size; }

  std::string take_rest() {
    std::string rest{bytes()};
    storage_ = {};
    begin_ = end_ = 0;
    return rest;
  }

 private:
  static constexpr std::size_t kFirstSize = 2048;

  std::vector<char> storage_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool filled_ = false;  // the last read filled the whole space, so more bytes are likely
};

}  // namespace danwa::infra
