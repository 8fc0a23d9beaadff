#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What a server says that is bound by nothing but the kernel: the floor of every ratio.
namespace danwa::floor {

/// One request of the load tool; the views point into the bytes it was read from.
struct Request {
  enum class Kind { watch, post, link };
  Kind kind = Kind::watch;
  std::string_view conversation;  ///< key, as it stands
  std::string_view content;       ///< of a post, as it stands in the JSON
  std::size_t size = 0;           ///< bytes of the buffer it takes
};

/// Opens the connection between two floor servers. Behind it both send relayed frames.
constexpr std::string_view kLink = "LINK / HTTP/1.1\r\n\r\n";

/// A frame on its way to the other server; the views point into the bytes it was read from.
struct Relayed {
  std::string_view conversation;
  std::string_view frame;
  std::size_t size = 0;  ///< bytes of the buffer it takes
};

/// Appends a frame of `conversation` to what a link sends.
void relay(std::string& link, std::string_view conversation, std::string_view frame);

/// Reads the relayed frame at the start of `bytes`; nothing while it is incomplete.
std::optional<Relayed> parse_relayed(std::string_view bytes);

/// Reads the request at the start of `bytes`; nothing while it is incomplete. Knows only what `danwa bench`
/// sends, and `kLink`: no escapes in texts, lengths that are right.
std::optional<Request> parse_request(std::string_view bytes);

/// The 201 of a post; its members are danwad's, so that both send the same number of bytes.
std::string created(const Request& request, std::uint64_t seq);

/// The whole `comment-added` frame, header included.
std::string comment_added(const Request& request, std::uint64_t seq);

/// The answer to a close frame.
constexpr std::string_view kClosed{"\x88\x00", 2};

/// The 101 and the `watching` frame behind it. The accepted key is always the one of `danwa bench`.
std::string accepted(const Request& request);

}  // namespace danwa::floor
