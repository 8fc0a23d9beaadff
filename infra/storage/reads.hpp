#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "adapters/persistence/rows.hpp"
#include "usecase/ports/paging.hpp"
#include "usecase/ports/repositories.hpp"
#include "usecase/ports/update_log.hpp"

// Every read of the repositories, once for all databases: what is asked for, and how rows fill a page of the answer. A
// database finds the rows, all of a read in one snapshot, so that a page and the head and epoch beside it belong
// together. `Rows` is an answer of the database: `each(take)` calls `take` with one row after the other until it
// returns false. A page ends at its number of rows or at its amount of text, and then says that there is more.
namespace danwa::storage {

/// The comment, unless it is removed or of another company.
struct FindComment {
  using Answer = std::optional<domain::Comment>;
  domain::CompanyId company;
  domain::CommentId id;
};

struct ListComments {
  using Answer = usecase::CommentRepository::Page;
  domain::ChannelKey channel;
  usecase::CommentRepository::Range range;

  /// Fills `page` with the columns of adapters::read_comment.
  template <class Rows>
  void fill(Answer& page, Rows&& rows) const {
    usecase::PageText text{usecase::PageSize::kText};
    rows.each([&](const auto& row) {
      page.more = page.comments.size() == range.limit || !text.admits({row.view(2), row.view(3), row.view(4)});
      if (!page.more) page.comments.push_back(adapters::read_comment(row, channel.company));
      return !page.more;
    });
    if (!range.after) std::reverse(page.comments.begin(), page.comments.end());
  }
};

/// A conversation as `user` sees it.
struct ViewConversation {
  using Answer = usecase::ConversationRepository::AccessContext;
  domain::ChannelKey channel;
  domain::UserId user;
};

struct ListMembers {
  using Answer = usecase::ConversationRepository::Members;
  domain::ChannelKey channel;
  domain::UserId viewer;
  std::string after;  ///< a user id; empty: from the first
  std::size_t limit;

  /// Fills `page` with the columns of adapters::read_member.
  template <class Rows>
  void fill(Answer& page, Rows&& rows) const {
    usecase::PageText text{usecase::PageSize::kText};
    rows.each([&](const auto& row) {
      page.more = page.members.size() == limit || !text.admits({row.view(0)});
      if (!page.more) page.members.push_back(adapters::read_member(row));
      return !page.more;
    });
  }
};

struct FindHeads {
  using Answer = usecase::UpdateLog::Heads;
  std::vector<domain::ChannelKey> channels;
};

struct ReadUpdates {
  using Answer = usecase::UpdateLog::Page;
  domain::ChannelKey channel;
  domain::Seq first;
  domain::Seq last;
  usecase::PageSize size;

  /// Fills `page` with the columns of adapters::read_update_body.
  template <class Rows>
  void fill(Answer& page, Rows&& rows) const {
    usecase::PageText text{size.text};
    rows.each([&](const auto& row) {
      const bool fits = text.admits({row.view(4), row.view(5), row.view(6), row.view(7)});
      if (fits) page.updates.push_back({channel, row.number(0), row.time(2), adapters::read_update_body(row)});
      return fits;
    });
  }
};

struct ListConversations : usecase::UpdateLog::ListingRequest {
  using Answer = usecase::UpdateLog::Listing;
};

}  // namespace danwa::storage
