#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/delivery/frame.hpp"
#include "adapters/grpc/chat_door.hpp"
#include "adapters/grpc/status.hpp"
#include "infra/grpc/stream_wire.hpp"

namespace danwa::infra {

struct WireMessage {
  ::grpc::ByteBuffer bytes;
  bool spoken = false;  ///< the simplest client, which knows `message` alone, is told
};

/// The messages that streams tell. Those of updates are made once for all streams of the node: it remembers the
/// latest kEntries of them, the oldest going first. Thread safe.
class ChatCodec {
 public:
  static constexpr std::size_t kEntries = 64;

  /// What `frame` tells a stream whose log has the epoch of `position`; moves `position` behind it.
  WireMessagePtr encode(const adapters::FramePtr& frame, domain::Cursor& position);

  /// Why a request was refused; the stream goes on.
  static WireMessagePtr encode_refusal(const domain::Errors& errors, const std::string& client_ref);

  /// Nothing happened.
  static WireMessagePtr encode_heartbeat();

  /// The token ends at `when`.
  static WireMessagePtr encode_expiry(domain::Timestamp when);

 private:
  struct Entry {
    adapters::FramePtr frame;
    domain::Epoch epoch;
    WireMessagePtr message;
  };
  WireMessagePtr find(const adapters::FramePtr& frame, const domain::Epoch& epoch) const;
  void keep(Entry entry);

  mutable std::mutex mutex_;  // streams write on many threads; held for a look over the entries
  std::array<Entry, kEntries> entries_;
  std::size_t next_ = 0;
};

// Requests; nothing: the bytes are no such message.
std::optional<adapters::rpc::ChatWish> decode_chat(const ::grpc::ByteBuffer& bytes);
std::optional<adapters::rpc::WatchWish> decode_watch(const ::grpc::ByteBuffer& bytes);
std::optional<adapters::rpc::CommentWish> decode_comment(const ::grpc::ByteBuffer& bytes);
std::optional<adapters::rpc::PageWish> decode_page(const ::grpc::ByteBuffer& bytes);

// Answers.
::grpc::ByteBuffer encode_sent(const usecase::SendComment::Output& sent);
::grpc::ByteBuffer encode_page(const adapters::rpc::ChatDoor::PageRead& page);

/// google.rpc.Status with a google.rpc.BadRequest: every failure, for programs.
std::string encode_details(const adapters::rpc::CallEnd& end);

}  // namespace danwa::infra
