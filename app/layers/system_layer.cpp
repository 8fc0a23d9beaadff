#include "app/layers/system_layer.hpp"

namespace danwa::app {
namespace {

infra::LogFormat to_format(std::string_view name) {
  if (name == "json") return infra::LogFormat::json;
  return name == "text" ? infra::LogFormat::text : infra::LogFormat::automatic;
}

}  // namespace

adapters::LogLevel to_level(std::string_view name) {
  if (name == "debug") return adapters::LogLevel::debug;
  if (name == "warn") return adapters::LogLevel::warn;
  return name == "error" ? adapters::LogLevel::error : adapters::LogLevel::info;
}

SystemLayer::SystemLayer(const Settings& settings)
    : ids{clock}, log{{settings.node.name, to_level(settings.log.level), to_format(settings.log.format)}} {}

}  // namespace danwa::app
