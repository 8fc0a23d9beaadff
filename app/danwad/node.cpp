#include "app/danwad/node.hpp"

#include <unistd.h>

#include <utility>

#include "app/danwad/settings/database_url.hpp"
#include "infra/log/steady_output.hpp"

// The composition root, and the life of a node: start, wait for a signal, drain, stop. The database stops before the io
// threads end, because its threads post to them, and so does the thread of the tokens, because it holds a stream while
// it tells it of the end of its lease. They end before any part is destroyed, because their handlers use it.
// After the drain window and 15 s more the process ends anyway.

namespace danwa::app {

Node::Node(Settings wanted)
    : settings{std::move(wanted)},
      held{settings.http.listen},
      advertised{settings.http.advertise.empty() ? held.text() : settings.http.advertise},
      system{settings},
      persistence{{.settings = settings.database, .system = system}},
      threads{static_cast<std::size_t>(settings.http.threads)},
      presence{settings.node.name, system.metrics},
      messaging{{.settings = settings,
                 .http_address = advertised,
                 .system = system,
                 .persistence = persistence,
                 .threads = threads}},
      presence_on_bus{presence, messaging},
      use_cases{{.content_max = static_cast<std::size_t>(settings.limits.content_max),
                 .comments = persistence.database.comments(),
                 .conversations = persistence.database.conversations(),
                 .notifications = persistence.database.notifications(),
                 .log = persistence.database.log(),
                 .presence = presence.hub(),
                 .events = messaging.node.events(),
                 .ids = system.ids,
                 .clock = system.clock,
                 .readers = persistence.database.readers(),
                 .facts = &messaging.facts}},
      descriptors{settings},
      http{{.settings = settings,
            .address = held.text(),
            .advertised = advertised,
            .system = system,
            .persistence = persistence,
            .messaging = messaging,
            .threads = threads,
            .feed = presence_on_bus.feed,
            .use_cases = use_cases,
            .descriptors = descriptors.http}},
      grpc{{.settings = settings,
            .system = system,
            .tokens = *http.tokens,
            .threads = threads,
            .feed = presence_on_bus.feed,
            .use_cases = use_cases,
            .descriptors = descriptors.grpc}} {}

void Node::drain(std::chrono::milliseconds window) {
  messaging.leave();
  grpc.start_draining(window);
  http.drain(window);
}

void Node::stop() {
  use_cases.turns.close();  // reads that wait for their turn end while their transport still runs
  http.stop();
  grpc.stop();
  http.tokens->stop();
  presence.stop();
  persistence.database.stop();
  messaging.node.stop();
  threads.end();
}

namespace {

/// The end may take this much longer than the drain window; then the process ends at once.
constexpr std::chrono::milliseconds kEndLimit{15'000};

void log_start(Node& node) {
  node.system.log.info("node.started", {{"name", node.settings.node.name},
                                        {"http", node.http.server.bound_address()},
                                        {"grpc", node.grpc.bound_address()},
                                        {"cluster", node.messaging.cluster_address()},
                                        {"bus", node.settings.bus},
                                        {"auth", node.settings.auth.mode},
                                        {"database", without_password(node.settings.database.master)},
                                        {"version", DANWA_VERSION},
                                        {"pid", ::getpid()}});
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
  Node node{settings};
  SystemLayer& system = node.system;
  node.start();
  log_start(node);

  signals.wait_for_end([&] { reload_log_level(system, reload); });
  signals.end_anyway_after(settings.http.drain_window + kEndLimit,
                           [] { log::say_on_stderr("danwad: shutdown took too long"); });
  system.log.info("node.draining", {{"window_ms", settings.http.drain_window.count()}});
  node.drain(settings.http.drain_window);
  node.stop();
  system.log.info("node.stopped");
  return 0;
}

}  // namespace danwa::app
