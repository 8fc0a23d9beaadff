#pragma once

#include <memory>

#include "infra/postgres/target.hpp"
#include "usecase/ports/async.hpp"

namespace danwa::infra::pg {

/// Resolves the name of a server on threads of its own. libpq's own lookup would block the io thread for as long as a
/// name server does not answer. Runs on: the io thread; one lookup at a time.
class HostLookup {
 public:
  /// Returns `target` with the addresses of its host (libpq's `hostaddr`, which libpq tries in turn), or unchanged if
  /// there is nothing to resolve. Throws Failure if the name has no address, or if cancel() comes first.
  usecase::Async<Target> look_up(Target target);

  /// Fails the lookup in progress, if any, at once.
  void cancel();

 private:
  class Question;

  std::shared_ptr<Question> question_;
};

}  // namespace danwa::infra::pg
