#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/message.hpp"
#include "domain/account/ids.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/core/result.hpp"
#include "usecase/ports/update_log.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::adapters {

/// Reads the query values of a request and gathers their errors: kind malformed (400), code `<name>-invalid` or
/// `<name>-repeated`, resource the name. Values without a reader here are ignored.
class Query {
 public:
  explicit Query(const http::Request& request) : request_{request} {}

  std::optional<domain::Seq> seq(std::string_view name);
  std::optional<domain::Cursor> cursor(std::string_view name);
  std::optional<usecase::UpdateLog::ConversationMark> conversation_mark(std::string_view name);
  std::optional<domain::MergedCursor> merged_cursor(std::string_view name);
  std::optional<domain::UserId> user(std::string_view name);
  std::size_t limit(std::size_t fallback, std::size_t max);
  usecase::Delivery delivery();
  std::chrono::milliseconds wait(std::chrono::seconds max);  ///< `wait=5` or `wait=0.25`, in seconds

  /// The position token of the caller: the header `Danwa-Position` or, for clients that cannot set a header, `position`
  /// in the query; not both. Codes `position-invalid`, `position-repeated`, resource "Danwa-Position".
  std::optional<domain::Position> position();

  /// The place where a client resumes. Clients name it in several ways: by the header `Last-Event-ID` (EventSource and
  /// compatible clients); else by `lastEventId` in the query (polyfills that cannot set headers append it to an address
  /// that keeps its first `after`), also spelt `Last-Event-ID`, `last_event_id`, `evs_last_event_id`; else by `after`.
  /// An empty mark counts as absent. A mark that another one overrides is checked all the same. Errors:
  /// `Last-Event-ID-invalid`, `lastEventId-invalid`, `lastEventId-repeated`, and those of `cursor`.
  std::optional<domain::Cursor> resume_mark();
  std::optional<domain::MergedCursor> merged_resume_mark();

  const std::optional<domain::Errors>& errors() const { return errors_; }

 private:
  std::optional<std::string_view> value(std::string_view name);
  std::optional<std::string_view> last_event_id_in_query();
  template <class Mark>
  std::optional<Mark> mark(std::optional<Mark> after);
  void refuse(std::string_view name, std::string_view code, std::string message);
  void refuse(domain::Errors error);

  const http::Request& request_;
  std::optional<domain::Errors> errors_;
};

}  // namespace danwa::adapters
