#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>

namespace danwa::infra {

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

}  // namespace danwa::infra
