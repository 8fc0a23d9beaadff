#pragma once

#include <sys/uio.h>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace danwa::beast {

/// Bounds of a live stream.
struct StreamLimits {
  std::chrono::milliseconds ping_interval{20'000};   ///< between two pings of a client; SSE: a comment line
  std::chrono::milliseconds pong_timeout{60'000};    ///< no byte from the client for that long after a ping: close 4408
  std::chrono::milliseconds stall_timeout{120'000};  ///< the client takes no byte for that long while some wait: closed
  std::chrono::milliseconds write_timeout{30'000};   ///< for a whole last answer, such as a rejected upgrade
  std::chrono::milliseconds expiry_warning{30'000};  ///< time between the warning and the end of a token
  std::chrono::milliseconds close_timeout{2'000};    ///< from our close frame to the close of the socket
  std::size_t max_message = 64 * 1024;               ///< bytes of a client's message; above: close 1009
  int send_buffer = 64 * 1024;                       ///< SO_SNDBUF; 0: the system's default
  int not_sent_low_water = 16 * 1024;                ///< TCP_NOTSENT_LOWAT; 0: the system's default
};

/// The pieces of one gathered write, and the end of each frame in them. One per io thread, used for one write after
/// another; the pieces need to live only during the write call.
class Gather {
 public:
  static constexpr std::size_t kMaxFrames = 1 + 32;  // the bytes between batches, and two batches

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

/// Events of a socket, for its session.
class SocketEvents {
 public:
  virtual ~SocketEvents() = default;
  virtual void on_readable() = 0;  ///< or broken, which the next read reports
  virtual void on_writable() = 0;
};

/// The connected socket of a live stream: calls that never block, and waits that need no buffer. Destroying it closes
/// it; pending waits then end without an event. Runs on: the connection's io_context.
class StreamSocket {
 public:
  enum class Status { done, would_block, closed };
  struct Result {
    Status status = Status::done;
    std::size_t size = 0;
  };

  virtual ~StreamSocket() = default;

  /// Writes the pieces with one call; may write only a part of them.
  virtual Result write(std::span<const iovec> pieces) = 0;
  virtual Result read(std::span<char> space) = 0;

  /// Reports one event and keeps `events` alive until then.
  virtual void wait_readable(std::shared_ptr<SocketEvents> events) = 0;
  virtual void wait_writable(std::shared_ptr<SocketEvents> events) = 0;

  virtual void end_output() = 0;         ///< the peer reads an end of file after the written bytes
  virtual void reset_when_closed() = 0;  ///< bytes that the peer has not read are discarded
};

/// Takes over a connected socket and sets its options for a live stream.
std::unique_ptr<StreamSocket> to_stream_socket(boost::asio::ip::tcp::socket socket, const StreamLimits& limits);

}  // namespace danwa::beast
