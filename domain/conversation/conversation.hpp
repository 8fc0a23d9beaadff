#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "domain/account/credential.hpp"
#include "domain/account/ids.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/core/keys.hpp"
#include "domain/core/text.hpp"
#include "domain/core/time.hpp"
#include "domain/core/uuid.hpp"

namespace danwa::domain {

/// Who may see a conversation: everybody of its company, or its members alone.
enum class Visibility : std::uint8_t { open = 0, restricted = 1 };

/// Their names outside: "open", "private".
std::string_view to_string(Visibility visibility);

/// Errors: `visibility-unknown` (validation).
Result<Visibility> parse_visibility(std::string_view text);

struct ConversationTitleTag {
  static constexpr TextRules kRules{"title", 200, false};
};
using ConversationTitle = BoundedText<ConversationTitleTag>;

enum class MemberRole : std::uint8_t { member = 0, owner = 1 };

/// "member", "owner".
std::string_view to_string(MemberRole role);

struct Member {
  UserId user;
  MemberRole role = MemberRole::member;
  Timestamp joined_at;
  Seq seq = 0;  ///< of the update that tells of it
  friend bool operator==(const Member&, const Member&) = default;
};

/// Somebody's place in a conversation, as the rules see it.
struct Membership {
  std::optional<MemberRole> role;  ///< absent: not a member
  bool has_owner = false;          ///< somebody owns the conversation
  bool alone = false;              ///< nobody else has written here or is a member; known to `configured` alone
};

/// What somebody wants a conversation to be.
struct ConversationSettings {
  std::optional<std::optional<ConversationTitle>> title;  ///< absent: as it is
  std::optional<Visibility> visibility;                   ///< absent: as it is
};

/// Whether somebody with this role, if any, may read, watch or send in a conversation that is so visible. Errors:
/// `not-a-member` (forbidden).
Result<void> enter(Visibility visibility, const std::optional<MemberRole>& role);

struct Reconfiguration;

/// A room: open and without a title until told otherwise; its rules. One that nobody has written in or
/// set up yet is open, too.
struct Conversation {
  CompanyId company;
  ConversationKey key;
  std::optional<ConversationTitle> title;
  Visibility visibility = Visibility::open;

  /// Whether somebody with this standing may read, watch or send here. Errors: `not-a-member` (forbidden).
  Result<void> enter(const Membership& membership) const;

  /// Whether `who` may make `user` a member: themselves where the room is open, else by a member, an owner
  /// or a moderator. Errors: `not-a-member`, `not-granted` (forbidden).
  Result<void> admit(const Credential& who, const Membership& membership, const UserId& user) const;

  /// Whether `who` may end the membership of `user`: their own, or as owner or moderator. Errors:
  /// `not-a-member`, `not-an-owner` (forbidden).
  Result<void> dismiss(const Credential& who, const Membership& membership, const UserId& user) const;

  /// The result when `who` sets title and visibility. An owner and a moderator may set both. While there is no owner,
  /// everybody who may enter sets the title, and a caller who is its only user sets the visibility, too. A
  /// conversation that others use keeps its visibility, and only a moderator becomes its owner.
  /// Errors: `not-a-member`, `not-an-owner` (forbidden).
  Result<Reconfiguration> configured(const Credential& who, const Membership& membership,
                                     const ConversationSettings& wanted) const;

  friend bool operator==(const Conversation&, const Conversation&) = default;
};

/// A change of settings that is allowed.
struct Reconfiguration {
  Conversation next;
  bool changes = false;  ///< there is something to be written and told
  bool claims = false;   ///< who asked becomes the owner, and a member before that
  bool becomes_private =
      false;  ///< an open conversation becomes private: who has written in it becomes a member before that
};

/// A conversation that is closed keeps the authors of present comments among its last updates, so many.
inline constexpr Seq kKeptAuthorsWithin = 10'000;

/// `user` is a member now, by the hand of `by`.
struct MemberJoined {
  Uuid id;  ///< of this event
  CompanyId company;
  ConversationKey conversation;
  UserId user;
  UserId by;
  Seq seq;
  Timestamp occurred_at;
};

/// `user` is a member no more, by the hand of `by`.
struct MemberLeft {
  Uuid id;
  CompanyId company;
  ConversationKey conversation;
  UserId user;
  UserId by;
  Seq seq;
  Timestamp occurred_at;
};

/// Title and visibility are these now.
struct ConversationChanged {
  Uuid id;
  Conversation conversation;
  UserId by;
  Seq seq;
  Timestamp occurred_at;
};

/// Who has ever written comments in a conversation: nobody, one person, or several. A removed comment counts.
class Writers {
 public:
  Writers() = default;

  /// As `sole` has told it before.
  static Writers of(std::optional<std::string> sole) { return Writers{std::move(sole)}; }

  /// Empty: nobody has written; absent: several have.
  const std::optional<std::string>& sole() const { return sole_; }

  /// `author` writes. True when that makes a difference.
  bool add(const UserId& author) {
    if (!sole_ || *sole_ == author.value()) return false;
    if (sole_->empty()) {
      sole_ = author.value();
    } else {
      sole_.reset();
    }
    return true;
  }

  bool others_than(const UserId& user) const { return !sole_ || (!sole_->empty() && *sole_ != user.value()); }

 private:
  explicit Writers(std::optional<std::string> sole) : sole_{std::move(sole)} {}

  std::optional<std::string> sole_ = std::string{};
};

}  // namespace danwa::domain
