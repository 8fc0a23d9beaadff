#include "adapters/controllers/preconditions.hpp"

#include <utility>

#include "adapters/http/preconditions.hpp"

namespace danwa::adapters {
namespace {

using Outcome = http::Preconditions::Outcome;

domain::Errors version_mismatch(std::uint64_t version) {
  return domain::DomainError{domain::ErrorKind::precondition_failed, "version-mismatch", "comment",
                             "The comment has version " + std::to_string(version) + " now."};
}

domain::Result<void> check(const http::Preconditions& conditions, const usecase::Target& target) {
  std::optional<http::Representation> selected;
  if (target.exists) selected.emplace(http::Representation{std::nullopt, target.modified_at});
  if (target.exists && target.version) selected->etag = http::to_etag(*target.version);
  const auto outcome = conditions.evaluate(selected);
  if (outcome == Outcome::go_on) return {};
  if (outcome == Outcome::no_match && target.version) return domain::fail(version_mismatch(*target.version));
  return domain::fail(http::precondition_failed());
}

}  // namespace

domain::Result<usecase::Precondition> read_precondition(const http::Request& request) {
  auto conditions = http::Preconditions::read(request);
  if (!conditions) return domain::fail(std::move(conditions).error());
  if (conditions->empty()) return usecase::Precondition{};
  return usecase::Precondition{
      [conditions = std::move(*conditions)](const usecase::Target& target) { return check(conditions, target); }};
}

}  // namespace danwa::adapters
