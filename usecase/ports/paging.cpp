#include "usecase/ports/paging.hpp"

#include <variant>

namespace danwa::usecase {
namespace {

/// Bytes of one character inside a JSON string.
std::size_t escaped_size(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '\n':
    case '\r':
    case '\t':
      return 2;
    default:
      return static_cast<unsigned char>(c) < 0x20 ? 6 : 1;
  }
}

template <class Text>
std::string_view view_of(const std::optional<Text>& text) {
  return text ? std::string_view{text->value()} : std::string_view{};
}

}  // namespace

std::size_t json_size(std::string_view text) {
  std::size_t size = 0;
  for (const char c : text) size += escaped_size(c);
  return size;
}

bool PageText::admits(std::initializer_list<std::string_view> texts) {
  if (full_) return false;
  std::size_t size = 0;
  for (const auto text : texts) size += json_size(text);
  full_ = size > left_ && !first_;
  if (full_) return false;
  first_ = false;
  left_ -= size < left_ ? size : left_;
  return true;
}

bool PageText::admits(const domain::Update& update) {
  const domain::Overloaded count{
      [this](const domain::CommentAdded& added) {
        const std::string_view mark = added.client_ref ? std::string_view{*added.client_ref} : std::string_view{};
        return admits({added.author.value(), view_of(added.content), mark});
      },
      [this](const domain::CommentUpdated& edited) {
        return admits({edited.author.value(), view_of(edited.content)});
      },
      [this](const domain::CommentDeleted& gone) {
        return admits({gone.author.value(), gone.by.value()});
      },
      [this](const domain::MemberAdded& joined) {
        return admits({joined.user.value(), joined.by.value()});
      },
      [this](const domain::MemberRemoved& left) {
        return admits({left.user.value(), left.by.value()});
      },
      [this](const domain::ConversationUpdated& changed) {
        return admits({view_of(changed.title), changed.by.value()});
      },
      [this](const domain::NotificationAdded& added) {
        return admits({added.sender.value(), added.text.value()});
      },
  };
  return std::visit(count, update.body);
}

}  // namespace danwa::usecase
