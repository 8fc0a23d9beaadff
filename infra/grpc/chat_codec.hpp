#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/grpc/call_metadata.hpp"
#include "adapters/grpc/chat_endpoint.hpp"
#include "usecase/delivery/frame.hpp"

namespace danwa::grpc {

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
  virtual void finish(const adapters::rpc::CallCloseReason& end) = 0;
  virtual void cancel() = 0;  ///< ends the call even if its client takes no bytes
};

struct WireMessage {
  ::grpc::ByteBuffer bytes;
  bool spoken = false;  ///< also sent to the simplest client, which reads the field `message` alone
};

/// Encodes the messages of streams. An update is encoded once for all streams of the node: the codec keeps the latest
/// `kEntries` messages and replaces the oldest. Thread safe.
class ChatCodec {
 public:
  static constexpr std::size_t kEntries = 64;

  /// The message of `frame` for a stream whose log has the epoch of `position`. Moves `position` behind the frame.
  WireMessagePtr encode(const delivery::FramePtr& frame, domain::Cursor& position);

  /// The reasons for which a request was refused. The stream goes on.
  static WireMessagePtr encode_refusal(const domain::Errors& errors, const std::string& client_ref);

  /// A message without content, for a stream that was silent for too long.
  static WireMessagePtr encode_heartbeat();

  /// A warning: the token ends at `when`.
  static WireMessagePtr encode_expiry(domain::Timestamp when);

 private:
  struct Entry {
    delivery::FramePtr frame;
    domain::Epoch epoch;
    WireMessagePtr message;
  };
  WireMessagePtr find(const delivery::FramePtr& frame, const domain::Epoch& epoch) const;
  void keep(Entry entry);

  mutable std::mutex mutex_;  // streams write on many threads; held for one pass over the entries
  std::array<Entry, kEntries> entries_;
  std::size_t next_ = 0;
};

// Requests. They return nullopt if the bytes are not a valid message.
std::optional<adapters::rpc::ChatRequest> decode_chat(const ::grpc::ByteBuffer& bytes);
std::optional<adapters::rpc::WatchRequest> decode_watch(const ::grpc::ByteBuffer& bytes);
std::optional<adapters::rpc::CommentRequest> decode_comment(const ::grpc::ByteBuffer& bytes);
std::optional<adapters::rpc::PageRequest> decode_page(const ::grpc::ByteBuffer& bytes);

// Responses.
::grpc::ByteBuffer encode_sent(const usecase::SendComment::Output& sent);
::grpc::ByteBuffer encode_page(const adapters::rpc::ChatEndpoint::PageRead& page);

/// A google.rpc.Status with a google.rpc.BadRequest, which lists every failure in machine-readable form.
std::string encode_details(const adapters::rpc::CallCloseReason& end);

}  // namespace danwa::grpc
