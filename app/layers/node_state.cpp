#include "app/layers/node_state.hpp"

#include "infra/caf/cluster/cluster.hpp"
#include "infra/system/process_figures.hpp"

namespace danwa::app {

std::vector<adapters::NodeMember> NodeState::members() const {
  std::vector<adapters::NodeMember> all{{name_, http_address_, true, true}};
  const auto* cluster = node_.cluster();
  if (cluster == nullptr) return all;
  for (const auto& member : cluster->members()) {
    all.push_back({member.name, member.http_advertise, member.state == infra::MemberState::up, false});
  }
  return all;
}

std::string NodeState::process_figures() const {
#ifdef DANWA_GRPC
  return grpc_figures_.to_prometheus() + infra::process_figures();
#else
  return infra::process_figures();
#endif
}

}  // namespace danwa::app
