#include "infra/caf/handshake.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <algorithm>
#include <stdexcept>
#include <utility>

// Decides whether a TCP connection may become a peer connection. Two questions are answered in five messages: does the
// other side have the cluster's secret, and which of several connections between the two nodes stays?
//
// The stages are hello, proof (acceptor only), verdict, over. The dialler proves the secret first, so an acceptor sends
// no MAC to a stranger. Both sides then send a verdict. Only two `accept` make a peer connection; otherwise both close
// and log the stronger verdict, which is the larger number. A final verdict of the acceptor (self, name_in_use,
// another_database) ends the handshake at once. After `occupied` the acceptor still reads the dialler's verdict,
// because it may be `stale`: the acceptor's old connection is dead.
//
// A peer of another version cannot read a verdict. The acceptor answers it with a refusal that holds its own version,
// and the format of that message never changes, so both sides can log the reason.

namespace danwa::caf {

Mac hmac_sha256(std::string_view key, std::string_view text) {
  Mac mac{};
  const char* start = key.empty() ? "" : key.data();  // OpenSSL takes a null key as "the key of the last call"
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.empty() ? "" : text.data());
  if (HMAC(EVP_sha256(), start, static_cast<int>(key.size()), bytes, text.size(), mac.data(), nullptr) == nullptr) {
    throw std::runtime_error{"OpenSSL has no HMAC-SHA256"};
  }
  return mac;
}

bool equal(const Mac& mac, std::string_view bytes) {
  return bytes.size() == mac.size() && CRYPTO_memcmp(mac.data(), bytes.data(), mac.size()) == 0;
}

Nonce random_nonce() {
  Nonce nonce{};
  if (RAND_bytes(nonce.data(), static_cast<int>(nonce.size())) != 1) throw std::runtime_error{"no randomness"};
  return nonce;
}

std::uint64_t random_incarnation() {
  const Nonce nonce = random_nonce();
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value = (value << 8) | nonce[i];
  return value;
}

namespace {

constexpr std::string_view kProof = "danwa link 2 dialler proof";
constexpr std::string_view kDiallerVerdict = "danwa link 2 dialler verdict";
constexpr std::string_view kAcceptorVerdict = "danwa link 2 acceptor verdict";
constexpr std::string_view kLinkId = "danwa link 2 id";

void append_sized(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((size >> shift) & 0xFF));
  out += text;
}

std::string_view view(const Mac& mac) { return {reinterpret_cast<const char*>(mac.data()), mac.size()}; }

std::string version_text(std::uint16_t version) {
  return "the peer speaks version " + std::to_string(version) + ", this node " + std::to_string(kLinkVersion);
}

std::string own_version_message() {
  const char body[] = {static_cast<char>(kLinkVersion >> 8), static_cast<char>(kLinkVersion & 0xFF)};
  return link_message(PeerMessage::refusal, {body, sizeof body});
}

/// True if no verdict of the other side can change the outcome.
bool is_final(Verdict verdict) {
  return verdict == Verdict::self || verdict == Verdict::name_in_use || verdict == Verdict::another_database;
}

std::string log_text(const domain::LogIdentity& log) { return log.database + " with the epoch " + log.epoch; }

Refusal refusal_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::self:
      return {RefusalReason::self, "the node has dialled itself"};
    case Verdict::name_in_use:
      return {RefusalReason::name_in_use, "two nodes have the same name, or the old connection has not ended yet"};
    case Verdict::stale:
      return {RefusalReason::stale, "the old connection to this peer must end first"};
    case Verdict::another_database:
      return {RefusalReason::another_database, "all nodes of a cluster serve one database"};
    case Verdict::occupied:
    case Verdict::accept:
      break;
  }
  return {RefusalReason::duplicate, "there is a connection to this peer already"};
}

}  // namespace

std::string_view to_string(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::malformed:
      return "malformed";
    case RefusalReason::version:
      return "version";
    case RefusalReason::secret:
      return "secret";
    case RefusalReason::self:
      return "self";
    case RefusalReason::name_in_use:
      return "name-in-use";
    case RefusalReason::duplicate:
      return "duplicate";
    case RefusalReason::stale:
      return "stale-link";
    case RefusalReason::another_database:
      return "another-database";
    case RefusalReason::timeout:
      return "timeout";
    case RefusalReason::closed:
      return "closed";
    case RefusalReason::tls:
      return "tls";
    case RefusalReason::unreachable:
      return "unreachable";
    case RefusalReason::plain_network:
      return "plain-network";
  }
  return "";
}

Handshake::Handshake(PeerRole role, Hello own, std::string secret, Judge judge)
    : role_{role}, own_{std::move(own)}, secret_{std::move(secret)}, judge_{std::move(judge)} {
  own_.nonce = random_nonce();
  own_body_ = own_.to_body();
}

Handshake::Step Handshake::start() {
  if (role_ == PeerRole::acceptor) return {};
  return {link_message(PeerMessage::hello, own_body_), false, std::nullopt};
}

Handshake::Step Handshake::on_message(PeerMessage type, std::string_view body) {
  if (type == PeerMessage::refusal && role_ == PeerRole::dialler) return on_refusal(body);
  if (type == PeerMessage::hello && stage_ == Stage::hello) return on_hello(body);
  if (type == PeerMessage::proof && stage_ == Stage::proof) return on_proof(body);
  if (type == PeerMessage::verdict && stage_ == Stage::verdict) return on_verdict(body);
  return refuse(RefusalReason::malformed, "an unexpected message");
}

Handshake::Step Handshake::on_hello(std::string_view body) {
  const auto version = Hello::version_of(body);
  if (version && *version != kLinkVersion) {
    return refuse(RefusalReason::version, version_text(*version),
                  role_ == PeerRole::acceptor ? own_version_message() : std::string{});
  }
  auto hello = Hello::parse(body);
  if (!hello) return refuse(RefusalReason::malformed, "a malformed hello");
  peer_ = std::move(*hello);
  append_sized(transcript_, role_ == PeerRole::dialler ? own_body_ : body);
  append_sized(transcript_, role_ == PeerRole::dialler ? body : own_body_);
  if (role_ == PeerRole::acceptor) {
    stage_ = Stage::proof;
    return {link_message(PeerMessage::hello, own_body_), false, std::nullopt};
  }
  stage_ = Stage::verdict;
  return {link_message(PeerMessage::proof, view(mac(kProof))), false, std::nullopt};
}

Handshake::Step Handshake::on_proof(std::string_view body) {
  if (!equal(mac(kProof), body)) return refuse(RefusalReason::secret, "the peer does not have the cluster's secret");
  stage_ = Stage::verdict;
  proved_ = true;
  const VerdictBody ours = judge_(*this, std::nullopt);
  const auto message = link_message(PeerMessage::verdict, sealed_verdict(ours));
  ours_ = ours.verdict;
  if (is_final(ours_)) return conclude(message);
  return {message, false, std::nullopt};  // after `occupied` too: the peer may answer `stale`
}

Handshake::Step Handshake::on_verdict(std::string_view body) {
  const auto text = body.substr(0, body.size() - std::min(body.size(), sizeof(Mac)));
  const auto step = role_ == PeerRole::dialler ? kAcceptorVerdict : kDiallerVerdict;
  if (!equal(mac(step, text), body.substr(text.size()))) {
    return refuse(RefusalReason::secret, "the peer does not have the cluster's secret");
  }
  proved_ = true;
  auto verdict = VerdictBody::parse(text);
  if (!verdict) return refuse(RefusalReason::malformed, "a malformed verdict");
  theirs_ = verdict->verdict;
  heard_of_ = std::move(verdict->addresses);
  if (role_ == PeerRole::acceptor || is_final(*theirs_)) return conclude({});
  const VerdictBody ours = judge_(*this, theirs_);
  ours_ = ours.verdict;
  return conclude(link_message(PeerMessage::verdict, sealed_verdict(ours)));
}

Handshake::Step Handshake::on_refusal(std::string_view body) {
  const auto version = Hello::version_of(body);
  if (!version) return refuse(RefusalReason::malformed, "a malformed refusal");
  return refuse(RefusalReason::version, version_text(*version));
}

Handshake::Step Handshake::refuse(RefusalReason reason, std::string detail, std::string send) {
  stage_ = Stage::over;
  return {std::move(send), false, Refusal{reason, std::move(detail)}};
}

Handshake::Step Handshake::conclude(std::string send) {
  stage_ = Stage::over;
  const Verdict theirs = theirs_.value_or(Verdict::accept);
  if (ours_ == Verdict::accept && theirs == Verdict::accept) return {std::move(send), true, std::nullopt};
  Refusal refusal = refusal_of(std::max(ours_, theirs));
  if (refusal.reason == RefusalReason::another_database) {
    refusal.detail += ": the peer's is " + log_text(peer_.log) + ", this node's " + log_text(own_.log);
  }
  return {std::move(send), false, std::move(refusal)};
}

std::string Handshake::sealed_verdict(const VerdictBody& body) const {
  const auto text = body.to_body();
  const auto step = role_ == PeerRole::dialler ? kDiallerVerdict : kAcceptorVerdict;
  return text + std::string{view(mac(step, text))};
}

Mac Handshake::mac(std::string_view step, std::string_view body) const {
  std::string text;
  append_sized(text, step);
  append_sized(text, transcript_);
  append_sized(text, body);
  return hmac_sha256(secret_, text);
}

std::uint64_t Handshake::link_id() const {
  const Mac digest = mac(kLinkId);
  std::uint64_t id = 0;
  for (std::size_t i = 0; i < sizeof id; ++i) id = (id << 8) | digest[i];
  return id;
}

}  // namespace danwa::caf
