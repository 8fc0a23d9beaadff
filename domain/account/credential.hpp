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

/// Whether `text` is of the form `pattern`: `*` stands for any run of characters, nothing else is special.
bool matches(std::string_view pattern, std::string_view text);

/// The keys of which at least one of some patterns is the form. Knows besides in which ranges of keys, compared byte by
/// byte, all of them lie: an index finds those without looking at the others.
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

/// What a grant can allow on a conversation.
enum class Verb { read, send, moderate, notify };

std::optional<Verb> parse_verb(std::string_view text);

/// Conversations whose key matches `pattern` (`*` stands for any run of characters, nothing else is
/// special) may be used with these verbs.
struct Grant {
  std::string pattern;
  std::vector<Verb> verbs;

  bool allows(Verb verb, std::string_view key) const;
};

/// Who calls, as proved by a token. Everything the caller can reach lies inside `company`.
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
  /// into one's own alone.
  bool may_notify(std::string_view inbox) const;
};

/// Success for everybody with a name. Errors: `token-required` (unauthenticated).
Result<void> require_named(const Credential& who);

/// Success when `who` may use `verb` on the conversation. Errors: `token-required` (unauthenticated), `not-granted`
/// (forbidden).
Result<void> require(const Credential& who, Verb verb, const ConversationKey& conversation);

/// Success when `who` may change the conversation itself, its members or settings, as far as grants go: by `send` or
/// `moderate`. Errors as for `require`.
Result<void> require_change(const Credential& who, const ConversationKey& conversation);

/// As whom `who` is looked up among members: nobody without a name is one, whoever is called "anonymous".
UserId member_name(const Credential& who);

}  // namespace danwa::domain
