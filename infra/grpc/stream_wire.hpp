#pragma once

#include <memory>

#include "adapters/grpc/status.hpp"

namespace danwa::infra {

/// A message of chat.proto in its bytes, shared by all streams that it goes to.
struct WireMessage;
using WireMessagePtr = std::shared_ptr<const WireMessage>;

/// The call under a stream, as gRPC has it. A call to it only starts something; nothing may follow `finish` but
/// `cancel`, and nothing at all the stream's `on_done`.
class StreamWire {
 public:
  virtual ~StreamWire() = default;

  virtual void accept() = 0;  ///< tells the client that the stream stands; at most once, before all writes
  virtual void read() = 0;    ///< one at a time; the stream's `on_request` or `on_last_request` follows
  /// One at a time; `on_written` follows. `more`: the next one comes at once, this one may wait for it; not for the
  /// first message of a call, with which gRPC would never come to an end.
  virtual void write(WireMessagePtr message, bool more) = 0;
  virtual void finish(const adapters::rpc::CallEnd& end) = 0;
  virtual void cancel() = 0;  ///< ends the call even if its client takes nothing
};

}  // namespace danwa::infra
