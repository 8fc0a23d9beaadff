#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace danwa::infra {

/// The pieces of one gathered write, and the end of each frame in them. One per io thread, used for one write after
/// another; the pieces need to live only during the write call.
class Gather {
 public:
  static constexpr std::size_t kMaxFrames = 1 + 16;  // the bytes between batches, and a batch

  void clear() { pieces_ = frames_ = size_ = 0; }
  bool full() const { return frames_ == kMaxFrames; }

  /// Adds bytes of the current frame. At most three pieces per frame.
  void add(std::string_view piece);
  /// The same for bytes that this object must keep. At most once per frame.
  void add_owned(std::string piece) { add(owned_[frames_] = std::move(piece)); }
  void end_frame() { ends_[frames_++] = {pieces_, size_}; }

  std::span<const iovec> pieces() const { return {vectors_.data(), pieces_}; }
  std::size_t size() const { return size_; }  ///< bytes of all frames

  std::size_t frames() const { return frames_; }
  std::size_t end_of(std::size_t frame) const { return ends_[frame].size; }

  /// Appends the bytes from `offset` to the end of `frame`, in which `offset` lies.
  void copy_rest(std::size_t frame, std::size_t offset, std::string& out) const;

 private:
  struct End {
    std::size_t pieces = 0;
    std::size_t size = 0;
  };

  std::array<iovec, 3 * kMaxFrames> vectors_{};
  std::array<std::string, kMaxFrames> owned_;
  std::array<End, kMaxFrames> ends_{};
  std::size_t pieces_ = 0;
  std::size_t frames_ = 0;
  std::size_t size_ = 0;
};

}  // namespace danwa::infra
