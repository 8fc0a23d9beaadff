#include <sys/stat.h>
#include <unistd.h>
#include <iomanip>
#include <sstream>

#include "app/danwad/commands.hpp"
#include "app/danwad/layers/database.hpp"
#include "app/danwad/layers/endpoints_layer.hpp"
#include "app/danwad/layers/messaging_layer.hpp"
#include "app/danwad/layers/system_layer.hpp"
#include "app/danwad/layers/usecase_layer.hpp"
#include "app/danwad/settings/database_url.hpp"
#include "infra/log/steady_output.hpp"
#include "infra/net/listening.hpp"

namespace danwa::app {

// The composition root: each layer is a local, in the order of dependency, and destructors run in reverse. A layer
// names what it needs as references in its `Needs`, so a missing or later layer does not compile.
//
// The order of the end: announce the leave to the cluster, drain the endpoints, stop them, then presence, then the
// database. The database stops before the io threads of the connections go, because its threads post to them. After the
// drain window and 15 s more the process ends anyway.

namespace {

/// The end may take this much longer than the drain window; then the process ends at once.
constexpr std::chrono::milliseconds kEndLimit{15'000};

void log_start(SystemLayer& system, const Settings& settings, const std::string& http, const std::string& grpc,
               const std::string& cluster) {
  system.log.info("node.started", {{"name", settings.node.name},
                                   {"http", http},
                                   {"grpc", grpc},
                                   {"cluster", cluster},
                                   {"bus", settings.bus},
                                   {"auth", settings.auth.mode},
                                   {"database", without_password(settings.database.master)},
                                   {"version", DANWA_VERSION},
                                   {"pid", ::getpid()}});
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

void reload_log_level(SystemLayer& system, const std::function<Settings()>& reload) {
  try {
    const Settings settings = reload();
    system.log.set_level(to_level(settings.log.level));
    system.log.info("node.reloaded", {{"log_level", settings.log.level}});
  } catch (const std::exception& error) {
    system.log.error("node.reload_failed", {{"reason", error.what()}});
  }
}

}  // namespace

int run(const Settings& settings, const system::Signals& signals, const std::function<Settings()>& reload) {
  const net::HeldAddress held{settings.http.listen};  // the peers get this address before it is served
  const std::string& address = held.text();
  const std::string& told = settings.http.advertise.empty() ? address : settings.http.advertise;
  SystemLayer system{settings};
  warn_about_readable(settings.private_files, system.log);
  PersistenceLayer persistence{{.settings = settings.database, .system = system}};
  PresenceLayer presence{settings.node.name, system.metrics};
  MessagingLayer messaging{{.settings = settings, .http_address = told, .system = system, .persistence = persistence}};
  PresenceOnBus presence_on_bus{presence, messaging};
  UsecaseLayer usecases{{.content_max = static_cast<std::size_t>(settings.limits.content_max),
                         .comments = persistence.database.comments(),
                         .conversations = persistence.database.conversations(),
                         .notifications = persistence.database.notifications(),
                         .log = persistence.database.log(),
                         .presence = presence.hub(),
                         .events = messaging.node.events(),
                         .ids = system.ids,
                         .clock = system.clock,
                         .readers = persistence.database.readers()}};
  DescriptorShares descriptors{settings};
  HttpLayer http{{.settings = settings,
                  .address = address,
                  .system = system,
                  .persistence = persistence,
                  .messaging = messaging,
                  .feed = presence_on_bus.feed,
                  .usecases = usecases,
                  .descriptors = descriptors.http}};
  GrpcLayer grpc{{.settings = settings,
                  .system = system,
                  .tokens = *http.tokens,
                  .feed = presence_on_bus.feed,
                  .usecases = usecases,
                  .descriptors = descriptors.grpc}};
  http.start();  // last: no later step can fail
  log_start(system, settings, http.server.bound_address(), grpc.bound_address(), messaging.cluster_address());

  signals.wait_for_end([&] { reload_log_level(system, reload); });
  signals.end_anyway_after(settings.http.drain_window + kEndLimit,
                           [] { log::say_on_stderr("danwad: shutdown took too long"); });
  system.log.info("node.draining", {{"window_ms", settings.http.drain_window.count()}});
  messaging.leave();
  grpc.start_draining(settings.http.drain_window);
  http.drain(settings.http.drain_window);
  usecases.turns.close();  // reads that wait for their turn end while their transport still runs
  http.stop();
  grpc.stop();
  presence.stop();
  persistence.database.stop();  // its threads post to the connections' io_contexts, which are destroyed next
  system.log.info("node.stopped");
  return 0;
}

}  // namespace danwa::app
