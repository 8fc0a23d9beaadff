// libFuzzer entry: whatever a peer sends as a batch, the bus reads it without a crash, and what it
// understands it would send again byte for byte.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/delivery/bus_envelope.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace danwa::adapters;
  EnvelopeReader reader{{reinterpret_cast<const char*>(data), size}};
  while (const auto envelope = reader.next()) {
    const auto message = decode(*envelope);
    if (!message || !std::holds_alternative<FramePtr>(*message)) continue;
    const auto& frame = *std::get<FramePtr>(*message);
    std::string again;
    append_envelope(again, envelope->seq, encode_body(frame, envelope->database));
    const auto reread = EnvelopeReader{again}.next();
    const auto decoded = decode(*reread);
    if (!decoded || std::get<FramePtr>(*decoded)->json() != frame.json()) std::abort();
    if (std::get<FramePtr>(*decoded)->channel() != frame.channel()) std::abort();
    if (std::get<FramePtr>(*decoded)->epoch() != frame.epoch()) std::abort();
  }
  return 0;
}
