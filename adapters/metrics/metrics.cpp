#include "adapters/metrics/metrics.hpp"

namespace danwa::adapters {
namespace {

void add_connections(Exposition& out, const Metrics& m) {
  out.figure("sockets", "Open client connections.", m.sockets);
  out.figure("websockets", "Open WebSockets.", m.websockets);
  out.figure("sse_streams", "Open SSE streams.", m.sse_streams);
  out.figure("http_requests", "HTTP requests answered.", m.http_requests);
  out.figure("http_errors", "HTTP answers with status 400 and above.", m.http_errors);
  out.figure("tokens_refused", "Bearer tokens that did not verify.", m.tokens_refused);
}

void add_delivery(Exposition& out, const Metrics& m) {
  out.figure("subscriber_actors", "Live subscriber actors.", m.subscriber_actors);
  out.figure("router_entries", "Registrations of watchers for channels.", m.router_entries);
  out.figure("cached_channels", "Channels with a tail cache.", m.cached_channels);
  out.figure("watchers_live", "Watchers that are up to date.", m.watchers_live);
  out.figure("watchers_behind", "Watchers that read from the cache or the log.", m.watchers_behind);
  out.figure("comments_sent", "Comments accepted.", m.comments_sent);
  out.figure("frames_delivered", "Frames passed to transports.", m.frames_delivered);
  out.figure("ring_drops", "Updates that slid out of a sliding buffer.", m.ring_drops);
  out.figure("updates_missed", "Updates reported as missed to watchers with delivery=latest.", m.updates_missed);
  out.figure("log_pages_read", "Pages read from the log for watchers.", m.log_pages_read);
  out.figure("cache_pages", "Pages served from tail caches.", m.cache_pages);
  out.figure("tail_looks", "Polls of the log tail that found updates.", m.tail_looks);
  out.figure("tail_repairs", "Channels that the log tail had to repair.", m.tail_repairs);
}

void add_cluster(Exposition& out, const Metrics& m) {
  out.figure("bus_events_in", "Events received from other nodes.", m.bus_events_in);
  out.figure("bus_events_out", "Events sent to other nodes, counted per peer.", m.bus_events_out);
  out.figure("relay_drops", "Events dropped by a relay queue.", m.relay_drops);
  out.figure("inbox_drops", "Frames dropped by a full inbox of a router or of the bus.", m.inbox_drops);
  out.figure("bus_unexpected", "Bus messages of unknown form or version.", m.bus_unexpected);
  out.figure("bus_foreign", "Bus messages of another log, dropped.", m.bus_foreign);
  out.figure("cluster_peers", "Peers with a live connection.", m.cluster_peers);
  out.figure("cluster_refused", "Cluster connections refused.", m.cluster_refused);
  out.figure("presence_entries",
             "People present: on this node, and on others in conversations that are watched or read here.",
             m.presence_entries);
  out.figure("presence_nodes", "Other nodes that show signs of life.", m.presence_nodes);
  out.figure("presence_left_out", "People of this node that are not announced to the other nodes.",
             m.presence_left_out);
  out.figure("presence_names_in", "Names of people in presence notes of other nodes.", m.presence_names_in);
}

void add_storage(Exposition& out, const Metrics& m) {
  out.figure("commits", "Transactions committed by the writer.", m.commits);
  out.figure("committed_actions", "Actions in committed transactions.", m.committed_actions);
  out.figure("commit_failures", "Commits that failed.", m.commit_failures);
  out.figure("writer_queue", "Actions that wait for the writer.", m.writer_queue);
  out.figure("master_reads", "Reads of the master database.", m.master_reads);
  out.figure("replica_reads", "Reads of a replica.", m.replica_reads);
  out.figure("checkpoints", "Checkpoints of the write-ahead log.", m.checkpoints);
}

}  // namespace

std::string Metrics::to_prometheus() const {
  Exposition out;
  add_connections(out, *this);
  add_delivery(out, *this);
  add_cluster(out, *this);
  add_storage(out, *this);
  return out.take();
}

std::string GrpcFigures::to_prometheus() const {
  Exposition out;
  out.figure("grpc_streams", "Open gRPC streams.", streams);
  out.figure("grpc_calls", "gRPC calls begun.", calls);
  out.figure("grpc_messages_in", "Messages of clients on gRPC streams.", messages_in);
  out.figure("grpc_messages_out", "Messages written to gRPC streams.", messages_out);
  return out.take();
}

}  // namespace danwa::adapters
