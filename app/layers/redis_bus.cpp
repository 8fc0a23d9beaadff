#include "app/layers/redis_bus.hpp"

#include "app/settings/settings_reader.hpp"
#ifdef DANWA_REDIS
#include "app/settings/redis_url.hpp"
#include "infra/redis/redis_bus.hpp"
#endif

namespace danwa::app {

#ifdef DANWA_REDIS
std::unique_ptr<adapters::PeerBus> start_redis_bus(const RedisSettings& settings, adapters::LogSource log,
                                                   adapters::BusListener& listener, adapters::Logger& logger,
                                                   adapters::Metrics& metrics) {
  auto [host, port] = parse_redis_url(settings.url);
  infra::RedisOptions options{std::move(host),          port,          settings.user, settings.password,
                              settings.command_timeout, std::move(log)};
  return std::make_unique<infra::RedisBus>(std::move(options), listener, logger, metrics);
}
#else
std::unique_ptr<adapters::PeerBus> start_redis_bus(const RedisSettings&, adapters::LogSource, adapters::BusListener&,
                                                   adapters::Logger&, adapters::Metrics&) {
  throw SettingsError{"bus = \"redis\" is not part of this build"};
}
#endif

}  // namespace danwa::app
