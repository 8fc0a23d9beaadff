#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <tuple>
#include <utility>
#include <vector>

namespace danwa::domain {

/// The kind of a failure. Each transport and endpoint maps it to its own status (HTTP, gRPC, GraphQL, close codes).
enum class ErrorKind {
  malformed,            ///< the input cannot be read at all
  unauthenticated,      ///< no credential, or one that is not valid
  forbidden,            ///< a valid credential that may not do this
  not_found,            ///< does not exist, or the caller may not know about it
  conflict,             ///< contradicts the present state
  precondition_failed,  ///< `If-Match` did not hold
  validation,           ///< understood, but against the rules
  too_many,             ///< the caller has too much under way; try again later
  unavailable,          ///< cannot be done now; try again later
  internal,             ///< a defect of this program; its details stay in the log
};

/// One failure. `code` is stable and made for programs, `message` for people.
struct DomainError {
  ErrorKind kind;
  std::string code;      ///< lower case words with dashes, e.g. "content-too-long"
  std::string resource;  ///< the field or entity concerned, e.g. "content"; may be empty
  std::string message;   ///< one English sentence; never holds a token or a comment's text

  friend bool operator==(const DomainError&, const DomainError&) = default;
};

/// One or more failures, in the order they were found. Never empty.
class Errors {
 public:
  Errors(DomainError error) { list_.push_back(std::move(error)); }  // NOLINT(google-explicit-constructor)

  const DomainError& first() const { return list_.front(); }
  const std::vector<DomainError>& all() const { return list_; }

  void add(Errors more) {
    for (auto& error : more.list_) list_.push_back(std::move(error));
  }

  friend bool operator==(const Errors&, const Errors&) = default;

 private:
  std::vector<DomainError> list_;
};

inline Errors validation_error(std::string code, std::string resource, std::string message) {
  return DomainError{ErrorKind::validation, std::move(code), std::move(resource), std::move(message)};
}

inline Errors not_found(std::string resource, std::string message) {
  return DomainError{ErrorKind::not_found, "not-found", std::move(resource), std::move(message)};
}

inline Errors unavailable(std::string code, std::string message) {
  return DomainError{ErrorKind::unavailable, std::move(code), "", std::move(message)};
}

inline Errors too_many(std::string code, std::string message) {
  return DomainError{ErrorKind::too_many, std::move(code), "", std::move(message)};
}

inline Errors forbidden(std::string code, std::string resource, std::string message) {
  return DomainError{ErrorKind::forbidden, std::move(code), std::move(resource), std::move(message)};
}

/// A value, or every error that prevented it.
template <class T>
using Result = tl::expected<T, Errors>;

inline tl::unexpected<Errors> fail(Errors errors) { return tl::unexpected<Errors>{std::move(errors)}; }

/// Joins independent results. The failure holds the errors of all results that failed, in order.
///
///     auto parsed = combine(CommentContent::parse(text), ConversationKey::parse(key));
///     if (!parsed) return fail(std::move(parsed).error());
///     auto& [content, conversation] = *parsed;
template <class... T>
Result<std::tuple<T...>> combine(Result<T>... results) {
  std::optional<Errors> errors;
  const auto gather = [&errors](auto& result) {
    if (result) return;
    if (errors) {
      errors->add(std::move(result.error()));
    } else {
      errors = std::move(result.error());
    }
  };
  (gather(results), ...);
  if (errors) return fail(std::move(*errors));
  return std::tuple<T...>{std::move(*results)...};
}

/// A visitor made of lambdas; a case without a lambda does not compile.
template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace danwa::domain
