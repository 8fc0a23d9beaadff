#pragma once

#include <string>

#include "adapters/controllers/query.hpp"
#include "domain/account/credential.hpp"
#include "usecase/async.hpp"
#include "usecase/watch.hpp"

namespace danwa::adapters {

/// The log that one request wants to see the updates of, whatever the form. Made for that request, used by
/// its coroutine alone.
class UpdateSource {
 public:
  virtual ~UpdateSource() = default;

  /// Takes the place to start behind, in every form by the same mark; and what the caller has seen.
  virtual void read_place(Query& query) = 0;

  /// What a live form watches. Errors: the use case's.
  virtual usecase::Async<domain::Result<usecase::Watch>> watch(domain::Credential who, usecase::Delivery delivery) = 0;

  struct Page {
    std::string json;
    bool empty = false;  ///< a long poll goes on waiting
    std::optional<domain::Position> position{};
  };
  /// The log behind the place; from the master for who has heard of news, which a replica may not have yet.
  /// Errors: the use case's.
  virtual usecase::Async<domain::Result<Page>> page(domain::Credential who, std::size_t limit,
                                                    usecase::ReadFrom from) = 0;

  /// What wakes a long poll after an empty page. Counts as nobody's presence. Errors: the use case's.
  virtual usecase::Async<domain::Result<usecase::Watch>> watch_for_news(domain::Credential who) = 0;
};

}  // namespace danwa::adapters
