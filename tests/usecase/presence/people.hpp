#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "usecase/presence/presence_table.hpp"
#include "usecase/presence/present_people.hpp"

namespace danwa::tests {

using Time = presence::PresenceTable::Time;
using std::chrono::milliseconds;

inline domain::ChannelKey room(const std::string& key = "lobby", const std::string& company = "acme") {
  return {domain::CompanyId::trusted(company), domain::ChannelKind::conversation, key};
}
inline domain::UserId person(const std::string& name) { return domain::UserId::trusted(name); }
inline presence::PresenceEntry in(const std::string& key, const std::string& name) { return {room(key), person(name)}; }
inline presence::PresenceEntry in_lobby(const std::string& name) { return in("lobby", name); }

inline std::vector<std::string> names(const std::vector<domain::UserId>& users) {
  std::vector<std::string> all;
  for (const auto& user : users) all.push_back(user.value());
  return all;
}
inline std::vector<std::string> names_in(const presence::PresentPeople& people, const std::string& key = "lobby") {
  return names(people.page(room(key), nullptr, 10'000).users);
}
using Names = std::vector<std::string>;

/// A time with some past.
inline Time start_time() { return Time{} + std::chrono::hours{1}; }

}  // namespace danwa::tests
