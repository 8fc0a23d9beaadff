#pragma once

#include <memory>

#include "infra/postgres/target.hpp"
#include "usecase/async.hpp"

namespace danwa::infra::pg {

/// Finds the addresses of a server's name on threads of its own. libpq's lookup would hold up all else that the
/// io thread does, for as long as a name server does not answer. Runs on: the io thread; one lookup at a time.
class HostLookup {
 public:
  /// `target` with what its host means now (libpq's `hostaddr`, which it tries in turn); as it is when there is
  /// nothing to look up. Throws Failure when the name has no address, or cancel() comes first.
  usecase::Async<Target> look_up(Target target);

  /// Ends the lookup under way, if any, at once.
  void cancel();

 private:
  class Question;

  std::shared_ptr<Question> question_;
};

}  // namespace danwa::infra::pg
