#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/account/ids.hpp"
#include "domain/core/keys.hpp"
#include "domain/core/result.hpp"
#include "domain/core/time.hpp"

namespace danwa::domain {

/// Whether `text` matches `pattern`: `*` stands for any run of characters, nothing else is special.
bool matches(std::string_view pattern, std::string_view text);

/// The keys that match at least one of some patterns. All of them lie in `ranges`, compared byte by byte, so an index
/// finds them without reading the other keys.
class KeyPatterns {
 public:
  /// Keys from `first` on that come before `end`. Both are well-formed UTF-8 where the patterns are.
  struct Range {
    std::string first;
    std::string end;
    friend bool operator==(const Range&, const Range&) = default;
  };

  explicit KeyPatterns(std::vector<std::string> patterns);

  bool allow(std::string_view key) const;

  /// Ascending; no key lies in two of them.
  const std::vector<Range>& ranges() const { return ranges_; }

 private:
  std::vector<std::string> patterns_;
  std::vector<Range> ranges_;
};

/// The actions that a grant can allow.
enum class Verb { read, send, moderate, notify };

std::string_view to_string(Verb verb);
std::optional<Verb> parse_verb(std::string_view text);

/// Conversations whose key matches `pattern` (`*` stands for any run of characters, nothing else is
/// special) may be used with these verbs.
struct Grant {
  std::string pattern;
  std::vector<Verb> verbs;

  bool allows(Verb verb, std::string_view key) const;
};

/// The caller, as a token proves them. Everything that they can reach lies inside `company`.
struct Credential {
  CompanyId company;
  UserId user;
  std::vector<StoreId> stores;
  std::optional<std::vector<Grant>> grants;  ///< absent: may read and send in every open conversation
  std::optional<Timestamp> expires_at;       ///< live connections end then, too
  bool anonymous = false;                    ///< development only: may read, nothing else
  bool trusted = false;                      ///< development only: may notify everybody of the company

  bool allows(Verb verb, const ConversationKey& key) const;

  /// Whether notifications may be sent into the inbox named `inbox` (`user:bob`, `store:s1`,
  /// `company:acme`, as ChannelKey::local_name has it): by a grant of `notify`, everywhere in development mode, else
  /// only into the caller's own.
  bool may_notify(std::string_view inbox) const;
};

/// The one error for a caller who must have a token and has none.
Errors token_required();

/// Succeeds for a caller with a name. Errors: `token-required` (unauthenticated).
Result<void> require_named(const Credential& who);

/// Succeeds if `who` may use `verb` on the conversation. Errors: `token-required` (unauthenticated), `not-granted`
/// (forbidden).
Result<void> require(const Credential& who, Verb verb, const ConversationKey& conversation);

/// Succeeds if the grants of `who` allow to change the conversation itself, its members or settings: `send` or
/// `moderate`. Errors as for `require`.
Result<void> require_change(const Credential& who, const ConversationKey& conversation);

/// The name under which `who` is looked up among members. It is empty for a caller without a name: such a caller is
/// never a member, even if a user has the id "anonymous".
UserId member_name(const Credential& who);

}  // namespace danwa::domain
