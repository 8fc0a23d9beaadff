#include "infra/caf/cluster/refusal_log.hpp"

namespace danwa::infra {
namespace {

bool is_normal(RefusalReason reason) {
  return reason == RefusalReason::self || reason == RefusalReason::duplicate || reason == RefusalReason::stale ||
         reason == RefusalReason::unreachable;
}

}  // namespace

void LinkRefusalLog::note(const Refusal& refusal, const std::string& remote, const std::string& peer) {
  using Fields = std::vector<adapters::LogField>;
  Fields fields{{"reason", to_string(refusal.reason)}, {"detail", refusal.detail}, {"remote", remote}};
  if (!peer.empty()) fields.emplace_back("peer", peer);
  if (is_normal(refusal.reason)) return logger_.debug("cluster.not-linked", std::move(fields));
  metrics_.cluster_refused.add();
  const auto now = Clock::now();
  auto& silence = silences_[refusal.reason];
  if (now < silence.until) {
    ++silence.left_out;
    return;
  }
  if (silence.left_out > 0) fields.emplace_back("leftOut", silence.left_out);
  silence = {now + std::chrono::seconds{1}, 0};
  logger_.warn("cluster.refused", std::move(fields));
}

}  // namespace danwa::infra
