// libFuzzer entry: whatever a node says of its people is read without a crash, what is understood would be
// sent again byte for byte, and a table that hears it stays whole.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "usecase/presence/presence_table.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace danwa;
  using namespace danwa::presence;
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  PresentPeople people;
  PresenceTable table{{"me", 1}, {.most_people = 100, .most_peers = 4}, people};
  PresenceTable::Time now{};
  const domain::ChannelKey lobby{domain::CompanyId::trusted("acme"), domain::ChannelKind::conversation, "lobby"};
  bool here = false;
  while (!rest.empty()) {  // notes, a zero byte after each
    const auto text = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(text.size() < rest.size() ? text.size() + 1 : rest.size());
    const auto note = decode_presence(text);
    if (note && encode(*note) != text) std::abort();
    now += std::chrono::milliseconds{100};
    if (table.receive("other", text, now) != note.has_value()) std::abort();
    here = !here;  // this node, too, has something to say
    table.set_present({lobby, domain::UserId::trusted("alice")}, here);
    table.set_wanted(lobby, here, now);
    table.tick(now);
    for (const auto& [to, answer] : table.take_notes(now)) {
      if (!decode_presence(answer)) std::abort();
    }
  }
  for (int i = 0; i < 100; ++i) table.tick(now += std::chrono::milliseconds{200});  // a longer pause would be forgiven
  if (people.size() != 0 || table.nodes() != 0) std::abort();
  return 0;
}
