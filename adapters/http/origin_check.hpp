#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/authority.hpp"
#include "adapters/http/request.hpp"
#include "adapters/http/response.hpp"

namespace danwa::adapters::http {

/// Some hosts, written `host` for any port or `host:port`. A host without port has the default port of
/// either scheme, since nobody can tell by it whether TLS ended before: `a.example` is on the list of
/// `a.example:443`. What is no host matches nothing.
class HostList {
 public:
  explicit HostList(std::span<const std::string> entries = {});

  bool empty() const { return given_ == 0; }
  bool contains(std::string_view host) const;

 private:
  std::size_t given_;
  std::vector<Authority> entries_;
};

/// Some origins, written `scheme://host` for any port, `scheme://host:port`, or `null`. What is no origin
/// matches nothing.
class OriginList {
 public:
  explicit OriginList(std::span<const std::string> entries = {});

  bool empty() const { return given_ == 0; }
  bool contains(std::string_view origin) const;

 private:
  std::size_t given_;
  std::vector<Origin> entries_;
  bool null_ = false;
};

/// Who may speak to the server through a browser: any website can make one connect to 127.0.0.1, under
/// a name of its own (DNS rebinding). Immutable: thread safe.
class OriginCheck {
 public:
  OriginCheck(std::span<const std::string> hosts, std::span<const std::string> origins)
      : hosts_{hosts}, origins_{origins} {}

  /// 421 when there are hosts and the `Host` is none of them.
  std::optional<Response> refuse_host(const Request& request) const;

  /// 403 when there are origins and the request's `Origin` is none of them and not, by `http` or `https`, the
  /// `Host` itself; and for several.
  std::optional<Response> refuse_origin(const Request& request) const;

 private:
  HostList hosts_;
  OriginList origins_;
};

/// Looks for the one `Origin` of a head that is not read as a request, so that its refusal can be shown to the
/// page that asked. Takes the bytes piece by piece, from the head's first on; keeps at most one line.
class OriginFinder {
 public:
  void feed(std::string_view bytes);

  /// Nothing more is to be found: the head has ended, or is longer than anybody should send.
  bool done() const { return done_; }

  /// Empty when there was none yet, or more than one. Not checked.
  std::string_view origin() const { return count_ == 1 ? std::string_view{origin_} : std::string_view{}; }

 private:
  void see(std::string_view line);

  static constexpr std::size_t kMaxBytes = 64 * 1024;
  static constexpr std::size_t kMaxLine = 512;

  std::string line_;  // the first kMaxLine bytes of the one that has not ended
  std::string origin_;
  std::size_t count_ = 0;
  std::size_t size_ = 0;  // bytes that came
  bool done_ = false;
};

}  // namespace danwa::adapters::http
