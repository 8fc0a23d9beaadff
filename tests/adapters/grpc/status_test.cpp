#include "adapters/grpc/call_metadata.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace danwa::adapters::rpc {
namespace {

using domain::DomainError;
using domain::ErrorKind;

TEST(CallStatus, EveryKindOfErrorHasItsStatus) {
  const std::vector<std::pair<ErrorKind, StatusCode>> all{
      {ErrorKind::malformed, StatusCode::invalid_argument},
      {ErrorKind::validation, StatusCode::invalid_argument},
      {ErrorKind::unauthenticated, StatusCode::unauthenticated},
      {ErrorKind::forbidden, StatusCode::permission_denied},
      {ErrorKind::not_found, StatusCode::not_found},
      {ErrorKind::conflict, StatusCode::failed_precondition},
      {ErrorKind::precondition_failed, StatusCode::failed_precondition},
      {ErrorKind::too_many, StatusCode::resource_exhausted},
      {ErrorKind::unavailable, StatusCode::unavailable},
      {ErrorKind::internal, StatusCode::internal},
  };
  for (const auto& [kind, status] : all) EXPECT_EQ(to_end(DomainError{kind, "c", "r", "M."}).status, status);
}

TEST(CallStatus, OnlyWhatMayBeTriedAgainSaysWhen) {
  EXPECT_EQ(to_end(domain::unavailable("database-busy", "Later.")).retry_after, kRetryLater);
  EXPECT_EQ(to_end(domain::too_many("too-many-reads", "Later.")).retry_after, kRetryLater);
  EXPECT_EQ(draining().retry_after, kRetryLater);
  EXPECT_EQ(to_end(delivery::WatchCloseReason::going_away).retry_after, kRetryLater);
  EXPECT_EQ(to_end(delivery::WatchCloseReason::unavailable).retry_after, kRetryLater);
  EXPECT_FALSE(to_end(delivery::WatchCloseReason::forbidden).retry_after);
  EXPECT_FALSE(to_end(domain::validation_error("c", "r", "M.")).retry_after);
}

TEST(CallStatus, TheMessageNamesEveryFailure) {
  domain::Errors errors = domain::validation_error("content-empty", "content", "The content is empty.");
  errors.add(domain::validation_error("conversationKey-too-long", "conversationKey", "The key is too long."));
  EXPECT_EQ(to_end(errors).message(),
            "content-empty: The content is empty.; conversationKey-too-long: The key is too long.");
}

TEST(CallStatus, AnEndedRightIsNoReasonToComeBack) {
  EXPECT_EQ(to_end(delivery::WatchCloseReason::forbidden).status, StatusCode::permission_denied);
  EXPECT_EQ(to_end(usecase::LeaseEnd::expired).status, StatusCode::unauthenticated);
  EXPECT_EQ(to_end(usecase::LeaseEnd::expired).errors.first().code, "token-expired");
  EXPECT_EQ(to_end(usecase::LeaseEnd::revoked).errors.first().code, "token-revoked");
  EXPECT_EQ(too_many_streams().status, StatusCode::resource_exhausted);
  EXPECT_EQ(unknown_method().status, StatusCode::unimplemented);
}

}  // namespace
}  // namespace danwa::adapters::rpc
