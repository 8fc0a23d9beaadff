#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>

namespace danwa::infra {

/// What a socket tells its session.
class SocketEvents {
 public:
  virtual ~SocketEvents() = default;
  virtual void on_readable() = 0;  ///< or broken: the next read says so
  virtual void on_writable() = 0;
};

/// A connected socket as a live stream uses it: calls that never block, and waits that keep no buffer.
/// Destroying it closes it; waits that are under way then end without an event. Runs on: the connection's
/// io_context.
class StreamSocket {
 public:
  enum class Status { done, would_block, closed };
  struct Result {
    Status status = Status::done;
    std::size_t size = 0;
  };

  virtual ~StreamSocket() = default;

  /// One gathered write; may take a part.
  virtual Result write(std::span<const iovec> pieces) = 0;
  virtual Result read(std::span<char> space) = 0;

  /// One event; the shared pointer lives until then.
  virtual void wait_readable(std::shared_ptr<SocketEvents> events) = 0;
  virtual void wait_writable(std::shared_ptr<SocketEvents> events) = 0;

  virtual void end_output() = 0;         ///< the peer reads an end of file after what was written
  virtual void reset_when_closed() = 0;  ///< what the peer has not read is thrown away
};

}  // namespace danwa::infra
