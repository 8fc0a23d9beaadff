#pragma once

#include <array>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "explore_parts.hpp"
#include "usecase/delivery/router_table.hpp"
#include "usecase/delivery/subscriber.hpp"

namespace danwa::exploration {

/// The whole state: the log, a node, the clients. Events inside the node follow at once, unless a fault holds them up.
class World {
 public:
  explicit World(const Scenario& scenario) : scenario_{&scenario} {
    node.table = std::make_unique<delivery::RouterTable>(scenario.table(log), figures);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const Scenario& scenario() const { return *scenario_; }
  const Role& role(std::size_t client) const { return scenario_->roles[client]; }

  /// Whether this client does not come here any more, unless a fault brings it.
  bool gone(std::size_t client) const {
    const auto& it = connections[client];
    return it.elsewhere || (!it.here && role(client).guarded && !log.present().admitted());
  }
  /// Whether all are gone: nobody is left to whom anything was promised.
  bool deserted() const { return gone(0) && gone(1); }

  /// What decides on everything that may follow; less of it if no fault comes any more. See explore_state.hpp.
  std::uint64_t digest(bool faults) const {
    delivery::Digest digest;
    digest.add(faults);
    if (!faults && deserted()) return digest.value();
    digest.bodies = faults || (role(0).guarded && !gone(0)) || (role(1).guarded && !gone(1));
    const Log::Moment oldest = faults ? 0 : oldest_shown();
    log.add_to(digest, oldest);
    std::array<const delivery::Subscriber*, kClients> subscribers{};
    for (std::size_t client = 0; client < kClients; ++client) {
      const auto& it = connections[client];
      subscribers[client] = it.subscriber.get();
      if (!faults && gone(client)) {
        digest.add(1U << 7);
      } else {
        add(digest, it, oldest);
      }
    }
    Exploration::add(digest, *node.table, node.now, subscribers);
    Exploration::add(digest, node.bus);
    Exploration::add(digest, node.loose);
    for (const auto& read : node.reads) {
      digest.add(read.head | read.late << 1 | read.first << 8 | read.last << 16 |
                 static_cast<std::uint64_t>(read.from) << 24 | static_cast<std::uint64_t>(read.since - oldest) << 32 |
                 static_cast<std::uint64_t>(read.limit) << 40);
    }
    digest.add(node.reads.size() << 32 | static_cast<std::uint64_t>(node.tail_epoch) << 16 | node.tail_head);
    return digest.value();
  }

  /// An event of the subscriber of `client`, as its actor takes it.
  template <class Event>
  void take(std::size_t client, Event event) {
    auto& it = connections[client];
    delivery::ReadySignal signal;
    if (it.waits) signal.wait();
    if (it.ready) signal.raise();
    delivery::take_event(*it.subscriber, signal, event,
                         [&](delivery::Subscriber::Outcome outcome) { act(client, std::move(outcome)); });
    if (std::exchange(ending_, false)) return leave(client);
    it.ready = signal.take();
    it.waits = signal.raise();
  }

  void leave(std::size_t client) {
    auto& it = connections[client];
    node.table->unwatch(it.registration);
    close(it);
  }

  /// The connection is gone, and with it everything on its way.
  void close(Connection& it) {
    it = Connection{
        std::move(it.client), false, false, nullptr, nullptr, false, false, false, false, false, {}, {}, 0, 0, false};
  }

  void connect(std::size_t client, const std::optional<domain::Cursor>& after, const Snapshot& admitted) {
    auto& it = connections[client];
    usecase::Watch watch{{{Log::key(), after}}, role(client).delivery};
    if (role(client).guarded) {
      watch.guard = usecase::AccessGuard{Log::key().company, domain::ConversationKey::trusted("r"), Log::guarded(),
                                         admitted.head, Log::name(admitted.epoch)};
      watch.channels.front().head = domain::Cursor{Log::name(admitted.epoch), admitted.head};
    }
    it.here = it.writing = true;
    it.elsewhere = false;
    it.client.connect(after, log.present().head);
    it.registration =
        std::make_shared<delivery::ExploredRegistration>(watch.channels.front(), static_cast<std::uint8_t>(client));
    it.subscriber =
        std::make_unique<delivery::Subscriber>(std::move(watch), kNode, delivery_encoder(), figures, scenario_->bounds);
    node.table->watch(it.registration, node.now, node.tail_head);
  }

  /// Everything that follows at once.
  void settle(Disturbance disturbance = {}) {
    disturbance_ = disturbance;
    std::size_t rounds = 0;
    for (bool more = true; more;) {
      if (++rounds == 1000) throw Broken("one step never ends");
      if (node.table->gathered()) node.table->flush();
      more = carry_out();
      more |= answer_reads() || node.table->gathered();
      for (std::size_t client = 0; client < kClients; ++client) {
        auto& it = connections[client];
        if (it.here && it.check != 0 && !it.check_late) {
          // The second one of a step is asked because the log was replaced and the node does not know it yet.
          const bool again = counts.of[client][static_cast<std::size_t>(Disturbance::Kind::late_check)] != 0;
          it.check_late = again || disturbed(client, Disturbance::Kind::late_check);
          if (!it.check_late) answer_check(client, log.now());
          more = true;
        }
        while (it.here && !it.inbox.empty() && !it.stalled) {
          if (disturbed(client, Disturbance::Kind::stall)) {
            it.stalled = true;
            break;
          }
          take_message(client);
          more = true;
        }
        if (it.here && it.writing && !it.slow) {
          it.slow = disturbed(client, Disturbance::Kind::slow);
          more = more || !it.slow;
          if (!it.slow) written(client);
        }
      }
    }
  }

  void take_message(std::size_t client) {
    auto& it = connections[client];
    std::list<ToSubscriber> taken;
    taken.splice(taken.begin(), it.inbox, it.inbox.begin());
    if (it.inbox.empty()) it.stalled = false;
    take(client, [&message = taken.front()](delivery::Subscriber& s) {
      return std::visit(domain::Overloaded{
                            [&](const delivery::FrameBatch& frames) { return s.announced(frames); },
                            [&](const delivery::StartWatch& e) { return s.started(e.epoch, e.head, e.reset); },
                            [&](const delivery::RestartWatches&) { return s.restarted(); },
                            [&](const delivery::Page& page) { return s.page(page); },
                            [&](const delivery::CloseWatch&) { return s.log_unavailable(); },
                        },
                        message);
    });
  }

  void answer_check(std::size_t client, Log::Moment moment) {
    auto& it = connections[client];
    it.check_late = false;
    const auto number = std::exchange(it.check, 0);
    const auto shown = log.at(moment);
    const usecase::AccessCheck::Answer answer{shown.admitted(), shown.head, Log::name(shown.epoch)};
    take(client, [&](delivery::Subscriber& s) { return s.access(number, answer); });
  }

  void answer_read(std::size_t which, Log::Moment moment, std::size_t most) {
    const Reading read = node.reads[which];
    node.reads.erase(node.reads.begin() + static_cast<std::ptrdiff_t>(which));
    const auto shown = log.at(moment);
    if (read.head) {
      for (auto& each : connections) {
        if (moment < read.since) each.client.allow_older_start();
      }
      return node.table->on_head(read.token, usecase::UpdateLog::Head{Log::name(shown.epoch), shown.head}, node.now);
    }
    delivery::LogPage page{{}, shown.head, Log::name(shown.epoch)};
    if (most == 0) most = read.limit;
    for (Seq seq = read.first; seq <= std::min<Seq>(read.last, shown.head) && page.frames.size() < most; ++seq) {
      page.frames.push_back(Log::frame(shown.epoch, seq, shown.updates[seq]));
    }
    node.table->on_updates(read.token, page, node.now);
  }

  /// The transport has got rid of its batch.
  void written(std::size_t client) {
    auto& it = connections[client];
    it.writing = it.slow = false;
    it.ready = true;
    if (std::exchange(it.waits, false) && !it.stalled) take(client, delivery::no_event);
  }

  Log log;
  Node node;
  std::array<Connection, kClients> connections;
  Counts counts;  ///< of the last step

 private:
  static const delivery::FrameEncoder& delivery_encoder() { return kNoBytes; }

  bool disturbed(std::size_t client, Disturbance::Kind kind) {
    const auto nth = counts.of[client][static_cast<std::size_t>(kind)]++;
    return disturbance_.kind == kind && disturbance_.client == client && disturbance_.nth == nth;
  }

  /// At once, in the order in which they were asked for, if they are not late.
  bool answer_reads() {
    const auto late = [](const Reading& read) { return read.late; };
    const auto found = std::find_if_not(node.reads.begin(), node.reads.end(), late);
    if (found == node.reads.end()) return false;
    const auto nth = counts.reads_done++;
    const auto last = std::min<Seq>({found->last, log.present().head, found->first + found->limit - 1});
    const bool finds = !found->head && last >= found->first;
    counts.reads.at(nth) = {found->from == usecase::ReadFrom::replica, found->since,
                            static_cast<std::uint8_t>(finds ? last - found->first + 1 : 0)};
    const bool this_one = disturbance_.nth == nth;
    if (this_one && disturbance_.kind == Disturbance::Kind::late_read) {
      found->late = true;
    } else if (this_one && disturbance_.kind == Disturbance::Kind::short_read) {
      answer_read(static_cast<std::size_t>(found - node.reads.begin()), disturbance_.moment, disturbance_.most);
    } else {
      answer_read(static_cast<std::size_t>(found - node.reads.begin()), log.now(), 0);
    }
    return true;
  }

  void act(std::size_t client, delivery::Subscriber::Outcome outcome) {
    auto& it = connections[client];
    ending_ |= outcome.end.has_value();
    if (outcome.check) {
      it.check = *outcome.check;
      it.check_since = log.now();
    }
    if (outcome.read) {
      if (disturbed(client, Disturbance::Kind::late) || !it.late.empty()) {
        it.late.push_back(*outcome.read);
      } else {
        requests_.push_back({client, *outcome.read});
      }
    }
    if (outcome.deliver.empty()) return;
    if (it.writing) throw Broken("a batch without ready");
    if (outcome.deliver.size() > scenario_->bounds.batch) throw Broken("a batch of a wrong size");
    it.writing = true;
    const auto& shown = log.present();
    for (const auto& frame : outcome.deliver) it.client.take(*frame, shown, role(client));
  }

  bool carry_out() {
    bool any = false;
    while (!requests_.empty() || !node.table->effects().empty()) {
      any = true;
      for (const auto& [client, request] : std::exchange(requests_, {})) {
        if (connections[client].here) node.table->read_page(connections[client].registration, request);
      }
      for (auto& effect : std::exchange(node.table->effects(), {})) {
        std::visit([this](auto& e) { carry_out(e); }, effect);
      }
    }
    return any;
  }
  void tell(const delivery::RegistrationPtr& who, ToSubscriber message) {
    auto& it = connections[static_cast<const delivery::ExploredRegistration&>(*who).client];
    if (it.registration == who) it.inbox.push_back(std::move(message));
  }
  void carry_out(delivery::Announce& e) {
    for (const auto& to : *e.to) tell(to, e.frames);
  }
  void carry_out(delivery::StartWatch& e) {
    const auto who = std::move(e.to);
    tell(who, std::move(e));
  }
  void carry_out(delivery::RestartWatches& e) {
    for (const auto& to : *e.to) tell(to, delivery::RestartWatches{nullptr});
  }
  void carry_out(delivery::GivePage& e) { tell(e.to, std::move(e.page)); }
  void carry_out(delivery::CloseWatch& e) {
    const auto who = std::move(e.to);
    tell(who, std::move(e));
  }
  void carry_out(delivery::ChannelWatched& /*e*/) {
    if (std::exchange(node.watched, true)) throw Broken("a channel was watched before");
  }
  void carry_out(delivery::ChannelUnwatched& /*e*/) {
    if (!std::exchange(node.watched, false)) throw Broken("a channel was not watched before");
  }
  void carry_out(delivery::ReadHead& e) { node.reads.push_back({e.token, true, 0, 0, 0, e.from, log.now()}); }
  void carry_out(delivery::ReadUpdateRange& e) {
    node.reads.push_back({e.token, false, e.first, e.last, e.limit, e.from, log.now()});
  }

  /// The oldest moment of the log that something under way may still show.
  Log::Moment oldest_shown() const {
    auto oldest = log.now();
    for (const auto& read : node.reads) oldest = std::min(oldest, read.since);
    for (const auto& each : connections) {
      if (each.here && each.check != 0) oldest = std::min(oldest, each.check_since);
    }
    return oldest;
  }

  static void add(delivery::Digest& digest, const Connection& of, Log::Moment oldest) {
    of.client.add_to(digest);
    digest.add(of.here | of.elsewhere << 1);
    if (!of.here) return;
    digest.add(of.ready | of.waits << 1 | of.writing << 2 | of.slow << 3 | of.stalled << 4 | (of.check != 0) << 5 |
               of.check_late << 6 | (of.check != 0 ? of.check_since - oldest : 0) << 8 | of.inbox.size() << 16 |
               of.late.size() << 24);
    Exploration::add(digest, *of.subscriber);
    if (const auto& after = of.registration->watch().after;
        after && !Exploration::started(*of.subscriber, *of.registration)) {
      digest.add(after->seq << 8 | (after->epoch ? Exploration::number(*after->epoch) : 0) << 1 | 1);
    }
    for (const auto& request : of.late) {
      digest.add(Exploration::current(*of.subscriber, request.id));
      Exploration::add(digest, request);
    }
    for (const auto& message : of.inbox) {
      digest.add(message.index());
      std::visit(domain::Overloaded{
                     [&](const delivery::FrameBatch& frames) { Exploration::add(digest, frames); },
                     [&](const delivery::StartWatch& e) {
                       digest.add(Exploration::number(e.epoch) << 16 | e.head << 1 | e.reset);
                     },
                     [&](const delivery::Page& page) {
                       digest.add(Exploration::current(*of.subscriber, page.request) | page.last << 8 |
                                  page.head << 16 | static_cast<std::uint64_t>(page.source) << 24);
                       Exploration::add(digest, page.frames);
                     },
                     [](const auto&) {},
                 },
                 message);
    }
  }

  const Scenario* scenario_;
  Disturbance disturbance_;
  bool ending_ = false;                                                  // the subscriber has ended the watch
  std::vector<std::pair<std::size_t, delivery::PageRequest>> requests_;  // of this step
};

}  // namespace danwa::exploration
