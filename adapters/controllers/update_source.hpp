#pragma once

#include <string>

#include "adapters/controllers/query.hpp"
#include "domain/account/credential.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::adapters {

/// The log whose updates one request asks for, in any of the three forms. Created for that request and used by its
/// coroutine alone.
class UpdateSource {
 public:
  virtual ~UpdateSource() = default;

  /// Reads from the query the place to start after, the same for every form, and the caller's position token.
  virtual void read_place(Query& query) = 0;

  /// The watch of a live form. Errors: the use case's.
  virtual usecase::Async<domain::Result<usecase::Watch>> watch(domain::Credential who, usecase::Delivery delivery) = 0;

  struct Page {
    std::string json;
    bool empty = false;  ///< a long poll continues to wait
    std::optional<domain::Position> position{};
  };
  /// Reads a page of the log after the place. After an announcement it is read from the master, because a replica may
  /// not have the update yet. Errors: the use case's.
  virtual usecase::Async<domain::Result<Page>> page(domain::Credential who, std::size_t limit,
                                                    usecase::ReadFrom from) = 0;

  /// The watch that wakes a long poll after an empty page. It does not count as presence. Errors: the use case's.
  virtual usecase::Async<domain::Result<usecase::Watch>> watch_for_news(domain::Credential who) = 0;
};

}  // namespace danwa::adapters
