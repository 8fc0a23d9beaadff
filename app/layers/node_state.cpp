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
  std::string figures = infra::process_figures();
#ifdef DANWA_GRPC
  figures = grpc_figures_.to_prometheus() + figures;
#endif
  return figures + "# HELP danwa_replicas_serving Standbys of the database that serve reads.\n" +
         "# TYPE danwa_replicas_serving gauge\n" + "danwa_replicas_serving " +
         std::to_string(database_.replicas_serving()) + "\n" +
         "# HELP danwa_log_lines_dropped_total Log lines dropped because nobody read them or a write failed.\n" +
         "# TYPE danwa_log_lines_dropped_total counter\n" + "danwa_log_lines_dropped_total " +
         std::to_string(log_.dropped()) + "\n";
}

}  // namespace danwa::app
