// libFuzzer entry: whatever a peer sends as a batch, the bus reads it without a crash, and what it
// understands it would send again as the same update, and show as JSON.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <nlohmann/json.hpp>

#include "adapters/updates/update_json.hpp"
#include "usecase/delivery/bus_envelope.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace danwa::delivery;
  EnvelopeReader reader{{reinterpret_cast<const char*>(data), size}};
  while (const auto envelope = reader.next()) {
    const auto message = decode(*envelope);
    if (!message || !std::holds_alternative<LoggedUpdate>(*message)) continue;
    const auto& got = std::get<LoggedUpdate>(*message);
    std::string again;
    append_envelope(again, envelope->seq,
                    encode_body(got.update, got.update.channel.to_string(), got.epoch, envelope->database()));
    const auto reread = EnvelopeReader{again}.next();
    const auto decoded = decode(*reread);
    if (!decoded || std::get<LoggedUpdate>(*decoded) != got) std::abort();
    const Frame frame{got.update, danwa::adapters::json_frames(), got.epoch};
    if (!nlohmann::json::accept(frame.json())) std::abort();
  }
  return 0;
}
