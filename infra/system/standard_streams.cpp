#include "infra/system/standard_streams.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace danwa::infra {

void prepare_standard_streams() {
  ::signal(SIGPIPE, SIG_IGN);
  // open() returns the lowest free number. No O_CLOEXEC: child processes inherit standard streams.
  for (int number = ::open("/dev/null", O_RDWR); number >= 0; number = ::open("/dev/null", O_RDWR)) {
    if (number <= STDERR_FILENO) continue;
    ::close(number);
    return;
  }
}

}  // namespace danwa::infra
