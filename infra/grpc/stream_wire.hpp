#pragma once

#include <memory>

#include "adapters/grpc/status.hpp"

namespace danwa::infra {

/// An encoded message of chat.proto, shared by all streams that send it.
struct WireMessage;
using WireMessagePtr = std::shared_ptr<const WireMessage>;

/// The gRPC call of a stream. Every method only starts an operation. After `finish` only `cancel` may be called, and
/// after the stream's `on_done` nothing.
class StreamWire {
 public:
  virtual ~StreamWire() = default;

  virtual void accept() = 0;  ///< sends the initial metadata; at most once, before all writes
  virtual void read() = 0;    ///< one at a time; the stream's `on_request` or `on_last_request` follows
  /// One at a time; `on_written` follows. `more`: another message follows at once, so gRPC may gather both. It must be
  /// false for the first message of a call, whose write gRPC would never complete otherwise.
  virtual void write(WireMessagePtr message, bool more) = 0;
  virtual void finish(const adapters::rpc::CallEnd& end) = 0;
  virtual void cancel() = 0;  ///< ends the call even if its client takes no bytes
};

}  // namespace danwa::infra
