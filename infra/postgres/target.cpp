#include "infra/postgres/target.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace danwa::infra::pg {
namespace {

using Parameters = std::map<std::string, std::string>;

/// libpq's own message may repeat the URL with its password, so it is not passed on.
Parameters parameters_of(const std::string& url) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options{PQconninfoParse(url.c_str(), &message),
                                                                               &PQconninfoFree};
  PQfreemem(message);
  if (!options) throw std::runtime_error{"the database URL is none of PostgreSQL"};
  Parameters found;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr && *option->val != '\0') found[option->keyword] = option->val;
  }
  return found;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts(1);
  for (const char c : list) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string nth(const std::vector<std::string>& parts, std::size_t n) { return parts[std::min(n, parts.size() - 1)]; }

Target target_of(Parameters parameters, Role role, const std::string& host, const std::string& address,
                 const std::string& port) {
  const auto put = [&parameters](const char* name, const std::string& value) {
    if (value.empty()) {
      parameters.erase(name);
    } else {
      parameters[name] = value;
    }
  };
  put("host", host);
  put("hostaddr", address);
  put("port", port);
  parameters.try_emplace("fallback_application_name", "danwa");
  parameters.try_emplace("tcp_user_timeout", "5000");
  const std::string place = !host.empty() ? host : !address.empty() ? address : "local";
  return Target{place + ":" + (port.empty() ? "5432" : port), std::move(parameters), role};
}

}  // namespace

std::vector<Target> targets_of(const std::string& url, Role role) {
  auto parameters = parameters_of(url);
  parameters.try_emplace("target_session_attrs", role == Role::master ? "primary" : "any");
  parameters["client_encoding"] = "UTF8";
  const auto hosts = split(parameters["host"]);
  const auto addresses = split(parameters["hostaddr"]);
  const auto ports = split(parameters["port"]);
  std::vector<Target> targets;
  for (std::size_t n = 0; n < std::max(hosts.size(), addresses.size()); ++n) {
    targets.push_back(target_of(parameters, role, nth(hosts, n), nth(addresses, n), nth(ports, n)));
  }
  return targets;
}

std::string public_name(const std::string& url) {
  std::string name;
  for (const auto& target : targets_of(url, Role::replica)) name += (name.empty() ? "" : ",") + target.name;
  const auto parameters = parameters_of(url);
  const auto database = parameters.find("dbname");
  return database == parameters.end() ? name : name + "/" + database->second;
}

}  // namespace danwa::infra::pg
