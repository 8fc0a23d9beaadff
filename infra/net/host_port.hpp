#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace danwa::net {

/// A host and a TCP port as people write them: `chat.example.net:8080`, `127.0.0.1:8080`, `[::1]:8080`, and `:8080` for
/// every address of this host. Names are not resolved here.
struct HostPort {
  std::string host;        ///< IPv6 without brackets, a zone is allowed (`fe80::1%eth0`); empty: every address
  std::uint16_t port = 0;  ///< 0 for a listener: any free port

  std::string text() const;  ///< `host:port`, an IPv6 host in brackets
  bool is_numeric() const;   ///< an IPv4 or IPv6 address, which needs no name lookup
};

/// Reads `host:port`. The error is one sentence: the quoted text, then its fault.
tl::expected<HostPort, std::string> parse_host_port(std::string_view text);

}  // namespace danwa::net
