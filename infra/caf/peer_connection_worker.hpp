#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/caf/cluster.hpp"
#include "infra/caf/handshake.hpp"
#include "infra/caf/peer_connection.hpp"
#include "infra/caf/peer_connection_service.hpp"
#include "infra/net/listening.hpp"

namespace danwa::caf {

/// Decides which nodes are in the cluster, which address to dial and when, and which of several connections to a node
/// stays. It has no socket, no clock and no thread.
///
/// A member that says goodbye is removed at once. A lost member stays as `down` until another node answers at its
/// address, or for ten minutes. At most 64 peers are kept: a new one replaces the peer that has been down the longest.
/// Beyond 128 addresses no further ones are learned.
///
/// Two nodes that dial each other at the same moment agree on one connection, because the node with the lower name
/// decides: it takes its own dial if that has reached the peer already, else the first connection that it judges.
/// Owned by: the cluster's io thread.
class Membership {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  struct Self {
    std::string name;
    std::uint64_t incarnation = 0;
    std::string advertise;
  };

  Membership(Self self, const std::vector<std::string>& seeds, std::uint64_t jitter_seed);

  /// Addresses to dial now. Each counts as "under way" until `dial_ended`.
  std::vector<std::string> take_due(Time now);
  std::optional<Time> next_due() const;

  /// The dial of `address` has reached `peer`, which has proved the secret. The verdicts are still to come.
  void dial_reached(const std::string& address, const Hello& peer);
  void dial_ended(const std::string& address, Time now);
  /// Removes the address from those to dial.
  void forget_address(const std::string& address) { addresses_.erase(address); }
  void heard_of(const std::vector<std::string>& addresses, Time now);

  /// The peer of this connection announces that it leaves. The connection stays until it is lost. Returns nullopt if
  /// the
  /// connection is not up; a reserved one may still come up, but its peer is then no member.
  std::optional<Member> said_goodbye(std::uint64_t link);

  /// Removes members that have been down for ten minutes. True: `members()` has changed.
  bool forget_lost(Time now);

  /// This node's verdict on an authenticated connection. `accept` reserves the peer's place for it.
  Verdict judge(PeerRole role, const Hello& peer, std::optional<Verdict> theirs, std::uint64_t link, Time now);

  /// Whether this connection has its peer's place, reserved or up.
  bool holds(std::uint64_t link) const;

  /// Whether this connection is up and its peer has not said goodbye.
  bool is_member(std::uint64_t link) const;

  /// The connection to `peer`, of the same incarnation, that is up.
  std::optional<std::uint64_t> live_link(const Hello& peer) const;

  /// A connection with a place has come up, or was lost (reserved or up). `link_lost` returns the member only if it was
  /// up. Both return nullopt for a connection that has no place.
  std::optional<Member> link_up(std::uint64_t link, Time now);
  std::optional<Member> link_lost(std::uint64_t link, Time now);

  std::vector<Member> members() const;  ///< every peer that has been up and has not left
  /// The dial addresses of the members that are up.
  std::vector<std::string> addresses() const;

 private:
  enum class Place : std::uint8_t { free, reserved, up };
  struct Peer {
    Member member;
    Place place = Place::free;
    std::uint64_t link = 0;
    bool joined = false;  ///< has been up
    bool left = false;    ///< has said goodbye
    Time since;           ///< last change of `place`
  };
  struct Dial {
    bool seed = false;
    bool under_way = false;
    bool reached = false;  ///< the dial under way has reached a node that proved the secret
    std::string name;      ///< of the node reached last at this address
    bool joined = false;   ///< that node has been a member: the delay between dials is shorter
    unsigned failures = 0;
    Time due{};
  };

  Peer* peer_of(std::uint64_t link);
  bool dialled_into(const std::string& name) const;
  const Peer* find(const std::string& name) const;
  bool dialling(const std::string& name) const;
  bool wants_dial(const Dial& dial) const;
  void schedule(Dial& dial, Time now);
  Verdict reserve(const Hello& peer, std::uint64_t link, Time now);
  void make_room(Time now);
  void note_address(const Member& member, Time now);
  void forget_addresses_of(const std::string& name);

  Self self_;
  std::map<std::string, Peer> peers_;      // by name
  std::map<std::string, Dial> addresses_;  // by "host:port"
  std::minstd_rand jitter_;
};

/// Logs connections that were refused: at most one line a second for each reason, with the number of lines left out.
/// Refusals that are normal while a mesh forms (the peer is off, a second connection, the node itself) are logged at
/// the debug level and not counted. Owned by: the cluster's io thread.
class PeerRejectLog {
 public:
  PeerRejectLog(adapters::Logger& logger, adapters::Metrics& metrics) : logger_{logger}, metrics_{metrics} {}

  void note(const Refusal& refusal, const std::string& remote, const std::string& peer);

 private:
  using Clock = std::chrono::steady_clock;

  adapters::Logger& logger_;
  adapters::Metrics& metrics_;
  struct Silence {
    Clock::time_point until{};
    std::uint64_t left_out = 0;
  };
  std::map<RefusalReason, Silence> silences_;
};

/// Runs one handshake over one connection. Every message is bounded in size, the whole handshake in time (1.5 s). Ends
/// with exactly one call of `on_end`, never from inside `start`. Runs on: the cluster's io thread.
class PeerSession : public std::enable_shared_from_this<PeerSession> {
 public:
  using OnEnd = std::function<void(PeerSession& session, std::optional<Refusal> refusal)>;
  using OnPeer = std::function<void(const Hello& peer)>;  ///< the peer has proved that it has the secret

  PeerSession(boost::asio::io_context& io, std::shared_ptr<PeerConnection> stream, Handshake handshake,
              std::string remote);
  ~PeerSession();

  void start(OnPeer on_peer, OnEnd on_end);
  void abort(Refusal refusal) { end(std::move(refusal)); }

  const Handshake& handshake() const;
  const std::string& remote() const;  ///< the peer's address, for the log
  PeerConnection& stream();

 private:
  void end(std::optional<Refusal> refusal);
  void read_head();
  void read_body(PeerHead head);
  void take(Handshake::Step step);

  struct State;
  std::unique_ptr<State> state_;
};

/// One dial: resolves a name and tries its addresses one after another, in the resolver's order (RFC 6724). The lookup
/// and each attempt may take 1 s. Runs on: the cluster's io thread.
class PeerDialler : public std::enable_shared_from_this<PeerDialler> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using OnEnd = std::function<void(std::optional<Socket> socket, Refusal refusal)>;

  /// `loopback_only`: refuses a name that has an address outside loopback. The first `first` addresses of the name are
  /// tried last.
  PeerDialler(boost::asio::io_context& io, bool loopback_only, std::size_t first);

  void start(const Address& address, OnEnd on_end);
  void abort();

  /// The number of addresses of the name; 0 before it is resolved.
  std::size_t addresses() const { return endpoints_.size(); }

 private:
  using Endpoint = boost::asio::ip::tcp::endpoint;

  void connect(std::vector<Endpoint> endpoints);
  void try_next();
  void start_deadline();
  void on_late();
  void end(std::optional<Socket> socket, Refusal refusal);

  bool loopback_only_;
  std::size_t first_;
  boost::asio::ip::tcp::resolver resolver_;
  Socket socket_;
  boost::asio::steady_timer deadline_;
  std::vector<Endpoint> endpoints_;
  std::size_t tried_ = 0;
  std::string failure_;  // of the last attempt
  OnEnd on_end_;
};

/// Accepts connections on every address of a listen place. After a failed accept (the process has no descriptor left)
/// it pauses for 100 ms instead of spinning. Runs on: the cluster's io thread.
class PeerListener : public std::enable_shared_from_this<PeerListener> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using OnSocket = std::function<void(Socket socket)>;
  using OnTrouble = std::function<void(const std::string& what)>;

  /// Binds and listens. Throws std::runtime_error with one line if an address is taken or none belongs to this host.
  PeerListener(boost::asio::io_context& io, const net::ListenPlace& place, adapters::Logger& logger);

  /// "host:port" with the real port. The host is a name if it has several addresses.
  const std::string& bound() const { return bound_; }
  void start(OnSocket on_socket, OnTrouble on_trouble);
  void close();

 private:
  /// One address.
  struct Acceptor {
    boost::asio::ip::tcp::acceptor acceptor;
    boost::asio::steady_timer pause;
  };

  void accept(Acceptor& one);

  std::string bound_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  OnSocket on_socket_;
  OnTrouble on_trouble_;
};

/// Everything that the cluster does on its io thread: accept, dial, authenticate, judge, pass on to CAF, notice the
/// loss. At most 64 accepted connections are in a handshake. One more ends the oldest, so a crowd of silent strangers
/// cannot lock a node out. Owned by: the cluster's io thread, except the methods marked thread safe.
class PeerConnectionWorker {
 public:
  /// Binds. `options` must have been checked. Throws std::runtime_error.
  PeerConnectionWorker(boost::asio::io_context& io, ClusterOptions options, adapters::Logger& logger,
                       adapters::Metrics& metrics);

  void start(PeerOwner& owner);
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
    PeerRole role;
    Hello peer;
    std::string remote;
    std::function<void()> cut;
    std::unique_ptr<boost::asio::steady_timer> deadline;  ///< null once the connection is up
  };
  struct Name {
    std::size_t addresses = 0;  ///< the name's addresses at its last dial
    std::size_t own = 0;        ///< how many dials have reached this node itself
  };
  using SessionPtr = std::shared_ptr<PeerSession>;

  void on_socket(PeerListener::Socket socket);
  Handshake handshake_as(PeerRole role);
  void dial_due();
  void dial(const std::string& address);
  void on_dialled(const std::string& address, PeerDialler::Socket socket);
  void run(const SessionPtr& session, const std::string& dialled);
  void on_session_end(PeerSession& session, const std::string& dialled, const std::optional<Refusal>& refusal);
  void on_self(const std::string& dialled);
  void end_dial(const std::string& dialled);
  VerdictBody judge(const Handshake& handshake, std::optional<Verdict> theirs);
  void cut_stale(const Handshake& handshake);
  void adopt(PeerSession& session);
  void arm_deadline(std::uint64_t link);
  void lose(std::uint64_t link, const std::string& reason);
  void plan_dials();
  void publish_members();

  boost::asio::io_context& io_;
  ClusterOptions options_;
  adapters::Logger& logger_;
  adapters::Metrics& metrics_;
  std::unique_ptr<PeerConnections> streams_;
  std::shared_ptr<PeerListener> listener_;
  std::string bound_;
  Hello own_;
  Membership membership_;
  PeerRejectLog refusals_;
  boost::asio::steady_timer dial_timer_;
  PeerOwner* owner_ = nullptr;  // null before `start` and after `stop`
  bool leaving_ = false;
  std::map<std::string, Name> names_;  // by dialled address
  std::deque<SessionPtr> accepted_;
  std::set<SessionPtr> dialled_;
  std::set<std::shared_ptr<PeerDialler>> diallers_;
  std::map<std::uint64_t, Link> links_;
  mutable std::mutex members_mutex_;  // any thread calls members()
  std::vector<Member> members_;
};

}  // namespace danwa::caf
