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

/// True if a proxy passed the request on, unless all who sent and passed it are certainly on this host. `headers` are
/// those of a request or a call's metadata, with names in lower case. Reads `Forwarded` (RFC 7239) and the other
/// headers that proxies send (`X-Forwarded-For`, `X-Real-IP`, ...). A request that shows a proxy and no address (`Via`,
/// `X-Forwarded-Host`) counts, because its sender is unknown.
bool is_forwarded_from_afar(const std::vector<std::pair<std::string, std::string>>& headers);

/// The error for such a request on a node that verifies no callers: kind forbidden, code `development-behind-proxy`.
domain::Errors development_behind_proxy();

/// A list of the hosts or origins that a setting allows. `Parse` reads an entry and a text of a request; a text that it
/// does not read matches nothing.
template <class Place, auto Parse>
class AllowList {
 public:
  explicit AllowList(std::span<const std::string> entries = {});

  bool empty() const { return given_ == 0; }
  bool contains(std::string_view text) const;

 private:
  std::size_t given_;
  std::vector<Place> entries_;
};

/// Hosts, each `host` (any port) or `host:port`. A host without port has the default port of either scheme, because a
/// proxy may have ended TLS before: `a.example` matches `a.example:443`.
using HostList = AllowList<Authority, parse_authority>;

/// `parse_origin`, and `null` as an origin without a server.
std::optional<Origin> parse_listed_origin(std::string_view text);

/// Origins, each `scheme://host` (any port), `scheme://host:port`, or `null`.
using OriginList = AllowList<Origin, parse_listed_origin>;

/// Decides which pages may use the server through a browser, because any website can make one connect to 127.0.0.1,
/// under a host name of its own (DNS rebinding). Immutable: thread safe.
class OriginCheck {
 public:
  OriginCheck(std::span<const std::string> hosts, std::span<const std::string> origins)
      : hosts_{hosts}, origins_{origins} {}

  /// Answers 421 if there are listed hosts and the `Host` is not one of them.
  std::optional<Response> refuse_host(const Request& request) const;

  /// Answers 403 if there are listed origins, and the request's `Origin` is neither one of them nor, by `http` or
  /// `https`, the `Host` itself. Several `Origin` headers are 403, too.
  std::optional<Response> refuse_origin(const Request& request) const;

 private:
  HostList hosts_;
  OriginList origins_;
};

/// Searches the one `Origin` in a head that is not read as a request, so that the page that asked may see the refusal.
/// Takes the bytes piece by piece, from the start of the head; keeps at most one line.
class OriginFinder {
 public:
  void feed(std::string_view bytes);

  /// True if the search is over: the head has ended, or is longer than the limit.
  bool done() const { return done_; }

  /// The origin as sent, not checked; empty if there is none yet, or more than one.
  std::string_view origin() const { return count_ == 1 ? std::string_view{origin_} : std::string_view{}; }

 private:
  void see(std::string_view line);

  static constexpr std::size_t kMaxBytes = 64 * 1024;  // of a head; then the search ends
  static constexpr std::size_t kMaxLine = 512;         // bytes that are kept of a line

  std::string line_;  // the first kMaxLine bytes of the one that has not ended
  std::string origin_;
  std::size_t count_ = 0;
  std::size_t size_ = 0;  // bytes that came
  bool done_ = false;
};

/// Lets pages of the listed origins read this server's answers (Fetch standard, CORS), without the credentials that a
/// browser adds by itself. An origin without port stands for all its ports. Immutable: thread safe.
class CorsPolicy {
 public:
  CorsPolicy() = default;
  explicit CorsPolicy(std::span<const std::string> origins) : origins_{origins} {}

  /// Lets the page of `origin` (empty: none) see the answer. Called for every answer that leaves the server.
  void grant(std::string_view origin, Response& answer) const;

  /// Adds the permissions of a listed origin to the 204 of a preflight (OPTIONS with `Access-Control-Request-Method`):
  /// every method, and every header that it asks for. A browser does not ask for forbidden ones.
  void allow_preflight(const Request& request, Response& answer) const;

 private:
  OriginList origins_;
};

}  // namespace danwa::adapters::http
