#include "app/danwad/layers/layers.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "infra/system/process.hpp"

namespace danwa::app {
namespace {

/// Descriptors for connections to other nodes, reconnects of the database, rotated files, and the threads that serve
/// clients.
constexpr std::size_t kReserve = 64;
constexpr std::size_t kLeast = 64;  // for clients, even if the limit is lower

std::size_t for_clients() {
  const auto limit = static_cast<std::size_t>(system::raise_descriptor_limit());
  const auto kept = static_cast<std::size_t>(system::open_descriptors()) + kReserve;
  return std::max(limit, kept + kLeast) - kept;
}

std::size_t guarantee(const Settings& settings, std::size_t total) {
  return settings.grpc.listen.empty() ? 0 : total / 4;
}

}  // namespace

DescriptorShares::DescriptorShares(const Settings& settings)
    : budget{for_clients()},
      http{budget.add_share(guarantee(settings, budget.total()))},
      grpc{budget.add_share(guarantee(settings, budget.total()))} {}

namespace {

log::LogFormat to_format(std::string_view name) {
  if (name == "json") return log::LogFormat::json;
  return name == "text" ? log::LogFormat::text : log::LogFormat::automatic;
}

/// Logs each file that group or world may read. Changes nothing.
void warn_about_readable(const std::vector<std::string>& private_files, adapters::Logger& log) {
  for (const auto& path : private_files) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0 || (found.st_mode & 0077) == 0) continue;
    std::ostringstream mode;
    mode << std::oct << std::setw(4) << std::setfill('0') << (found.st_mode & 0777);
    log.warn("file.readable-by-others", {{"path", path}, {"mode", mode.str()}, {"cure", "chmod 0600"}});
  }
}

}  // namespace

adapters::LogLevel to_level(std::string_view name) {
  if (name == "debug") return adapters::LogLevel::debug;
  if (name == "warn") return adapters::LogLevel::warn;
  return name == "error" ? adapters::LogLevel::error : adapters::LogLevel::info;
}

SystemLayer::SystemLayer(const Settings& settings)
    : ids{clock}, log{{settings.node.name, to_level(settings.log.level), to_format(settings.log.format)}} {
  warn_about_readable(settings.private_files, log);
}

}  // namespace danwa::app
