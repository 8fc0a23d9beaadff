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

/// An open conversation is for everybody of its company, a restricted one for its members only.
enum class Visibility : std::uint8_t { open = 0, restricted = 1 };

/// The names that clients use: "open", "private".
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
  Seq seq = 0;  ///< of the `member-joined` update
  friend bool operator==(const Member&, const Member&) = default;
};

/// The relation of one person to a conversation, as far as the rules need it.
struct Membership {
  std::optional<MemberRole> role;  ///< absent: not a member
  bool has_owner = false;          ///< the conversation has an owner
  bool alone = false;              ///< nobody else has written here or is a member; only `configured` reads it
};

/// The settings that a caller wants.
struct ConversationSettings {
  std::optional<std::optional<ConversationTitle>> title;  ///< absent: as it is
  std::optional<Visibility> visibility;                   ///< absent: as it is
};

/// Whether a person with this role, if any, may read, watch or send in a conversation of this visibility. Errors:
/// `not-a-member` (forbidden).
Result<void> enter(Visibility visibility, const std::optional<MemberRole>& role);

struct Reconfiguration;

/// A conversation and its rules. It is open and has no title until a caller configures it, even if nobody has written
/// in it yet.
struct Conversation {
  CompanyId company;
  ConversationKey key;
  std::optional<ConversationTitle> title;
  Visibility visibility = Visibility::open;

  /// Whether a person with this membership may read, watch or send here. Errors: `not-a-member` (forbidden).
  Result<void> enter(const Membership& membership) const;

  /// Whether `who` may make `user` a member. In an open conversation everybody may add themselves; else a member, an
  /// owner or a moderator must do it. Errors: `not-a-member`, `not-granted` (forbidden).
  Result<void> admit(const Credential& who, const Membership& membership, const UserId& user) const;

  /// Whether `who` may end the membership of `user`: it is their own, or they are an owner or a moderator. Errors:
  /// `not-a-member`, `not-an-owner` (forbidden).
  Result<void> dismiss(const Credential& who, const Membership& membership, const UserId& user) const;

  /// The conversation after `who` has set title and visibility. An owner and a moderator may set both. While there is
  /// no owner, everybody who may enter may set the title, and its only user may set the visibility, too. If others use
  /// it, only a moderator may set the visibility and become its owner. Errors: `not-a-member`, `not-an-owner`
  /// (forbidden).
  Result<Reconfiguration> configured(const Credential& who, const Membership& membership,
                                     const ConversationSettings& wanted) const;

  friend bool operator==(const Conversation&, const Conversation&) = default;
};

/// A change of settings that is allowed.
struct Reconfiguration {
  Conversation next;
  bool changes = false;          ///< something must be written and published
  bool claims = false;           ///< the caller becomes a member, if they are none, and then the owner
  bool becomes_private = false;  ///< an open conversation becomes private: its authors become members first
};

/// When a conversation becomes private, the authors of present comments among its last updates, so many, become
/// members.
inline constexpr Seq kKeptAuthorsWithin = 10'000;

/// `by` has made `user` a member.
struct MemberJoined {
  Uuid id;  ///< of this event
  CompanyId company;
  ConversationKey conversation;
  UserId user;
  UserId by;
  Seq seq;
  Timestamp occurred_at;
};

/// `by` has ended the membership of `user`.
struct MemberLeft {
  Uuid id;
  CompanyId company;
  ConversationKey conversation;
  UserId user;
  UserId by;
  Seq seq;
  Timestamp occurred_at;
};

/// The conversation has this title and visibility now.
struct ConversationChanged {
  Uuid id;
  Conversation conversation;
  UserId by;
  Seq seq;
  Timestamp occurred_at;
};

/// The authors that a conversation has ever had: nobody, one person, or several. A removed comment counts.
class Writers {
 public:
  Writers() = default;

  /// Restores the value that `sole` has returned.
  static Writers of(std::optional<std::string> sole) { return Writers{std::move(sole)}; }

  /// Empty: nobody has written; absent: several have.
  const std::optional<std::string>& sole() const { return sole_; }

  /// Adds `author`. True: `sole` has changed.
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
