#pragma once

#include "infra/caf/cluster/link_dialler.hpp"
#include "infra/caf/cluster/link_listener.hpp"

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "infra/caf/cluster/link_events.hpp"
#include "infra/caf/cluster/link_session.hpp"
#include "infra/caf/cluster/membership.hpp"
#include "infra/caf/cluster/refusal_log.hpp"

namespace danwa::infra {

/// Everything that the cluster does on its io thread: accept, dial, authenticate, judge, pass on to CAF, notice the
/// loss. At most 64 accepted connections are in a handshake. One more ends the oldest, so a crowd of silent strangers
/// cannot lock a node out. Owned by: the cluster's io thread, except the methods marked thread safe.
class LinkWorker {
 public:
  /// Binds. `options` must have been checked. Throws std::runtime_error.
  LinkWorker(boost::asio::io_context& io, ClusterOptions options, adapters::Logger& logger, adapters::Metrics& metrics);

  void start(LinkOwner& owner);
  void leave();  ///< no new connections from here on
  void stop();
  void link_up(std::uint64_t link);
  void link_lost(std::uint64_t link, const std::string& reason);
  void peer_left(std::uint64_t link);
  void heard_of(const std::vector<std::string>& addresses);

  std::vector<Member> members() const;  ///< thread safe, like the two below
  std::uint64_t incarnation() const { return own_.incarnation; }
  const std::string& bound_address() const { return bound_; }

 private:
  struct Link {
    LinkRole role;
    Hello peer;
    std::string remote;
    std::function<void()> cut;
    std::unique_ptr<boost::asio::steady_timer> deadline;  ///< null once the connection is up
  };
  struct Name {
    std::size_t addresses = 0;  ///< the name's addresses at its last dial
    std::size_t own = 0;        ///< how many dials have reached this node itself
  };
  using SessionPtr = std::shared_ptr<LinkSession>;

  void on_socket(LinkListener::Socket socket);
  Handshake handshake_as(LinkRole role);
  void dial_due();
  void dial(const std::string& address);
  void on_dialled(const std::string& address, LinkDialler::Socket socket);
  void run(const SessionPtr& session, const std::string& dialled);
  void on_session_end(LinkSession& session, const std::string& dialled, const std::optional<Refusal>& refusal);
  void on_self(const std::string& dialled);
  void end_dial(const std::string& dialled);
  VerdictBody judge(const Handshake& handshake, std::optional<Verdict> theirs);
  void cut_stale(const Handshake& handshake);
  void adopt(LinkSession& session);
  void arm_deadline(std::uint64_t link);
  void lose(std::uint64_t link, const std::string& reason);
  void plan_dials();
  void publish_members();

  boost::asio::io_context& io_;
  ClusterOptions options_;
  adapters::Logger& logger_;
  adapters::Metrics& metrics_;
  std::unique_ptr<LinkStreams> streams_;
  std::shared_ptr<LinkListener> listener_;
  std::string bound_;
  Hello own_;
  Membership membership_;
  LinkRefusalLog refusals_;
  boost::asio::steady_timer dial_timer_;
  LinkOwner* owner_ = nullptr;  // null before `start` and after `stop`
  bool leaving_ = false;
  std::map<std::string, Name> names_;  // by dialled address
  std::deque<SessionPtr> accepted_;
  std::set<SessionPtr> dialled_;
  std::set<std::shared_ptr<LinkDialler>> diallers_;
  std::map<std::uint64_t, Link> links_;
  mutable std::mutex members_mutex_;  // any thread calls members()
  std::vector<Member> members_;
};

}  // namespace danwa::infra
