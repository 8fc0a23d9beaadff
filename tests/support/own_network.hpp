#pragma once

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

namespace danwa::tests {

/// What a host of a test's own looks like.
struct OwnHost {
  std::string hosts;    ///< /etc/hosts
  std::string ports{};  ///< first and last port that the kernel gives, "40000 40003"; empty: as usual
  bool ipv6 = true;     ///< whether ::1 is there
};

/// Moves the calling thread, and the threads that it starts, to a network of its own, which has loopback alone, and to
/// an /etc/hosts of its own. False where that is not allowed (it needs root).
inline bool enter_own_network(const OwnHost& host) {
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return false;
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  std::string path = "/tmp/danwa-hosts-XXXXXX";
  const int file = ::mkstemp(path.data());
  if (file < 0) return false;
  ::close(file);
  std::ofstream{path} << host.hosts << std::flush;
  const bool mounted = ::mount(path.c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) == 0;
  ::unlink(path.c_str());
  if (!mounted) return false;
  if (!host.ports.empty()) std::ofstream{"/proc/sys/net/ipv4/ip_local_port_range"} << host.ports << std::flush;
  if (!host.ipv6) std::ofstream{"/proc/sys/net/ipv6/conf/lo/disable_ipv6"} << "1" << std::flush;
  const int any = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  request.ifr_name[0] = 'l', request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP;
  const bool up = ::ioctl(any, SIOCSIFFLAGS, &request) == 0;
  ::close(any);
  return up;
}

/// Runs `test` on a thread of such a host. Without the right to make one, the test that calls is skipped. False: the
/// host could not be made.
inline bool on_own_host(const OwnHost& host, const std::function<void()>& test) {
  if (::geteuid() != 0) {
    [] { GTEST_SKIP() << "needs root"; }();
    return true;
  }
  bool ran = false;
  std::thread{[&] {
    ran = enter_own_network(host);
    if (ran) test();
  }}.join();
  return ran;
}

}  // namespace danwa::tests
