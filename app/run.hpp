#pragma once

#include <functional>

#include "app/settings/settings.hpp"
#include "infra/system/signals.hpp"

namespace danwa::app {

/// Runs a node until a signal ends it, drained; returns the exit status. `reload` gives the settings anew
/// at SIGHUP; their log level is taken over. Throws std::runtime_error with one clear line when the node
/// cannot start.
int run(const Settings& settings, const infra::Signals& signals, const std::function<Settings()>& reload);

}  // namespace danwa::app
