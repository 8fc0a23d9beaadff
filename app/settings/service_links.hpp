#pragma once

#include <string_view>

namespace danwa::app {

/// Whether a variable of the environment describes a service that a container runtime has found, and so is no setting
/// although its name begins with `DANWA_`. Kubernetes sets such variables in every pod for a Service named danwa or
/// danwa-...; Docker does for a linked container of such a name:
///
///     DANWA_SERVICE_HOST=10.96.0.12     DANWA_SERVICE_PORT=8080        DANWA_SERVICE_PORT_HTTP=8080
///     DANWA_PORT=tcp://10.96.0.12:8080  DANWA_PORT_8080_TCP=tcp://...  DANWA_PORT_8080_TCP_PROTO=tcp
///     DANWA_NODE_NAME=/web/danwa-node   DANWA_NODE_ENV_PATH=...
///
/// `..._PORT` and `..._NAME` may be settings, too; their value decides.
bool is_service_link(std::string_view name, std::string_view value);

}  // namespace danwa::app
