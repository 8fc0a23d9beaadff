// libFuzzer entry: a stranger who does not know the secret may say anything in any order, in either
// role, and never gets a link. Input: a byte for the role, then messages as on the wire.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "infra/caf/handshake.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace danwa::caf;
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (bytes.empty()) return 0;
  Hello own;
  own.name = "node-1";
  own.advertise = "127.0.0.1:4000";
  const auto role = (bytes[0] & 1) != 0 ? PeerRole::dialler : PeerRole::acceptor;
  bytes.remove_prefix(1);
  Handshake handshake{role, own, "a secret the fuzzer does not know",
                      [](const Handshake&, std::optional<Verdict>) { return VerdictBody{}; }};
  (void)handshake.start();
  while (bytes.size() >= kLinkHeadSize) {
    PeerHeadBytes head_bytes{};
    std::copy_n(bytes.begin(), head_bytes.size(), head_bytes.begin());
    bytes.remove_prefix(head_bytes.size());
    const auto head = PeerHead::parse(head_bytes);
    if (!head || head->size > bytes.size()) return 0;
    const auto step = handshake.on_message(head->type, bytes.substr(0, head->size));
    bytes.remove_prefix(head->size);
    if (step.done) std::abort();
    if (step.refused) return 0;
  }
  return 0;
}
