#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adapters/delivery/update_feed.hpp"
#include "adapters/graphql/door.hpp"
#include "adapters/graphql/ws_event.hpp"
#include "adapters/http/message_peer.hpp"

namespace danwa::adapters::graphql {

/// One operation of a WebSocket; a subscription among them is one watch of the feed. Runs on: the connection's
/// io thread, but for `deliver` and `end`, which hand over to it.
class WsOperation final : public Watcher, public std::enable_shared_from_this<WsOperation> {
 public:
  /// Whom a watch's news go to.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_batch(const std::shared_ptr<WsOperation>& operation) = 0;
    virtual void on_watch_end(const std::shared_ptr<WsOperation>& operation, WatchEnd reason) = 0;
  };

  WsOperation(std::string id, Prepared prepared) : id_{std::move(id)}, prepared_{std::move(prepared)} {}

  const std::string& id() const { return id_; }
  bool is_subscription() const { return prepared_.type() == OperationType::subscription; }
  const Prepared& prepared() const { return prepared_; }

  /// Of a subscription: what it asks for; once, before `subscription` and `watch`.
  Outcome<void> read_subscription(const Door& door);
  const Subscription& subscription() const { return *subscription_; }

  void watch(Door& door, usecase::Watch watch, std::weak_ptr<Owner> owner, std::weak_ptr<http::MessageLink> link);

  void deliver(FrameBatch frames) override;
  void end(WatchEnd reason) override;

  /// True while frames of the present batch wait.
  bool waits() const { return next_ < batch_.size(); }

  /// The answer to the first frame that waits, as it is now: a comment that was removed meanwhile has lost its text.
  /// Null: this frame tells this subscription nothing. Failure: the subscription is over.
  Outcome<std::shared_ptr<const std::string>> first_answer() { return writer_->write(Frame::current(batch_[next_])); }

  void drop_first() { ++next_; }  ///< its answer is on its way

  void ready();  ///< the answers were written: the next batch may come

  /// Nothing more is wanted: the watch goes.
  void stop();
  bool stopped() const { return stopped_; }

 private:
  const std::string id_;
  const Prepared prepared_;
  std::optional<Subscription> subscription_;
  std::optional<EventWriter> writer_;
  std::weak_ptr<Owner> owner_;  // these two are set before the watch starts
  std::weak_ptr<http::MessageLink> link_;
  std::unique_ptr<adapters::Subscription> held_;
  FrameBatch batch_;      // at most one
  std::size_t next_ = 0;  // the first frame of it that waits
  bool stopped_ = false;
};

}  // namespace danwa::adapters::graphql
