#pragma once

#include <algorithm>
#include <string_view>

namespace danwa::adapters::graphql {

/// The first element of `list` whose `name` is that; null: none.
template <class List>
auto find_by_name(const List& list, std::string_view name) -> decltype(list.data()) {
  const auto found = std::find_if(list.begin(), list.end(), [name](const auto& each) { return each.name == name; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace danwa::adapters::graphql
