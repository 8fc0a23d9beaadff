#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/message.hpp"
#include "adapters/protocol/http/authority.hpp"
#include "domain/core/result.hpp"

namespace danwa::adapters::http {

/// True when a proxy passed the request on, and it is not certain that all who sent and passed it are on this host.
/// `headers`: of a request or of a call's metadata, names in lower case. Looks at `Forwarded` (RFC 7239) and at what
/// proxies send besides it (`X-Forwarded-For`, `X-Real-IP`, ...); a request that shows a proxy and no address
/// (`Via`, `X-Forwarded-Host`) counts, because nobody can tell whom it comes from.
bool is_forwarded_from_afar(const std::vector<std::pair<std::string, std::string>>& headers);

/// The error for it where the node proves nothing of its callers: kind forbidden, code `development-behind-proxy`.
domain::Errors development_behind_proxy();

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

/// Lets pages of the listed origins read this server's answers (Fetch standard, CORS), without
/// credentials of the browser's own. An origin without port stands for all its ports. Immutable: thread safe.
class CorsPolicy {
 public:
  CorsPolicy() = default;
  explicit CorsPolicy(std::span<const std::string> origins) : origins_{origins} {}

  /// Lets the page of `origin` (empty: none) see the answer; every answer that leaves the server passes here.
  void grant(std::string_view origin, Response& answer) const;

  /// Adds to the 204 of a preflight (OPTIONS with `Access-Control-Request-Method`) what a listed origin may send:
  /// every method, and every header that it asks for (a browser asks for no forbidden one).
  void allow_preflight(const Request& request, Response& answer) const;

 private:
  OriginList origins_;
};

}  // namespace danwa::adapters::http
