#include "usecase/listing_page.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace danwa::usecase {

ListingPage::ListingPage(const UpdateLog::ListingWish& wish) : wish_{wish} {}

void ListingPage::look(std::size_t looked, UpdateLog::ConversationSummary row) {
  if (ended_) return;
  const auto place = row.place;
  if (shows(row)) add(std::move(row));
  if (!ended_ && looked >= most_walked()) end_behind(place);
}

void ListingPage::take_all(std::vector<UpdateLog::ConversationSummary> rows) {
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.place > b.place; });
  for (auto& row : rows) {
    if (ended_) return;
    if (shows(row)) add(std::move(row));
  }
}

bool ListingPage::shows(const UpdateLog::ConversationSummary& row) const {
  if (row.head == 0 || (row.visibility == domain::Visibility::restricted && !row.member)) return false;
  if (wish_.behind && wish_.behind->place && row.place >= *wish_.behind->place) return false;
  if (wish_.behind && wish_.behind->before && row.last_activity >= *wish_.behind->before) return false;
  return !wish_.shown || wish_.shown->allow(row.key.value());
}

void ListingPage::add(UpdateLog::ConversationSummary row) {
  const auto place = row.place;
  const auto title = row.title ? std::string_view{row.title->value()} : std::string_view{};
  if (!text_.admits({row.key.value(), title})) return end_behind(place + 1);  // the next page begins with this row
  page_.conversations.push_back(std::move(row));
  if (page_.conversations.size() == wish_.limit) end_behind(place);
}

void ListingPage::end_behind(std::uint64_t place) {
  ended_ = true;
  page_.next = UpdateLog::ConversationMark{place, wish_.behind ? wish_.behind->before : std::nullopt};
}

}  // namespace danwa::usecase
