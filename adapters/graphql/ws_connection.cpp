#include "adapters/graphql/ws_connection.hpp"

#include <utility>

namespace danwa::adapters::graphql {

// Connects the protocol, the operations and the socket. A client may start 32 operations at once and read none of their
// answers, so nothing is made before the socket can take it:
// - Operations run one after another, and the next one starts when the socket has taken the answer of the last.
// - A subscription holds at most one batch of frames. The socket asks for one message at a time (next_message), and the
//   frame becomes JSON only then. So a text that was removed while the client stalled is not sent.
// - The watch gets its "ready" when all answers of its batch are written (on_drained).
//
// An operation moves between three lists: `queue_` (to be run), `waiting_` (has a batch), `begun_` (its batch is
// written, except for the last bytes).

Outcome<void> WsOperation::read_subscription() {
  auto read = prepare_subscription(prepared_);
  if (!read) return graphql::refuse(std::move(read).error());
  subscription_.emplace(std::move(*read));
  return {};
}

void WsOperation::watch(Endpoint& endpoint, usecase::Watch watch, std::weak_ptr<WsConnection> owner,
                        std::weak_ptr<http::MessageLink> link) {
  writer_.emplace(*subscription_, endpoint.events());
  owner_ = std::move(owner);
  link_ = std::move(link);
  held_ = endpoint.feed().watch(std::move(watch), std::weak_ptr<delivery::Watcher>{shared_from_this()});
  held_->ready();
}

void WsOperation::deliver(delivery::FrameBatch frames) {
  const auto link = link_.lock();
  if (!link) return;
  link->post([self = shared_from_this(), frames = std::move(frames)]() mutable {
    if (self->stopped_) return;
    self->batch_ = std::move(frames);
    self->next_ = 0;
    if (const auto owner = self->owner_.lock()) owner->on_batch(self);
  });
}

void WsOperation::end(delivery::WatchCloseReason reason) {
  const auto link = link_.lock();
  if (!link) return;
  link->post([self = shared_from_this(), reason] {
    if (self->stopped_) return;
    if (const auto owner = self->owner_.lock()) owner->on_watch_end(self, reason);
  });
}

void WsOperation::ready() {
  if (waits()) return;  // a batch is here already: the watch is ready when that is written
  batch_ = {};
  next_ = 0;
  if (held_) held_->ready();
}

void WsOperation::stop() {
  stopped_ = true;
  batch_ = {};
  next_ = 0;
  held_.reset();
}

namespace {

using usecase::Async;

constexpr std::uint16_t kGoingAway = 1001;

/// Attaches the position, which HTTP sends as a header.
void tell_in_extensions(nlohmann::ordered_json& answer, const domain::Position& position) {
  answer["extensions"]["position"] = position.to_string();
}

}  // namespace

void WsConnection::on_open(const std::shared_ptr<http::MessageLink>& link) {
  link_ = link.get();
  shared_link_ = link;
  link_->set_alarm(http::MessageLink::Clock::now() + kInitTime);
  perform(protocol_.open());
}

void WsConnection::on_message(std::string_view text) { perform(protocol_.receive(text)); }

void WsConnection::on_alarm() {
  link_->set_alarm(std::nullopt);
  perform(protocol_.init_overdue());
}

void WsConnection::on_heartbeat() {
  if (const auto alive = protocol_.keep_alive()) link_->send(*alive);
}

void WsConnection::on_end() {
  link_ = nullptr;
  if (const auto visit = std::exchange(visit_, nullptr)) visit->leave();
  for (const auto& [id, operation] : operations_) operation->stop();
  operations_.clear();
  queue_.clear();
  waiting_.clear();
  begun_.clear();
}

void WsConnection::perform(WsActions actions) {
  for (auto& action : actions) {
    if (link_ == nullptr) return;
    std::visit([this](auto& what) { act(what); }, action);
  }
}

void WsConnection::act(WsSend& action) { link_->send(action.text); }

void WsConnection::act(WsClose& action) { link_->close(action.code, action.reason); }

void WsConnection::act(WsAuthenticate& action) {
  auto lease = lease_of(action.token);
  if (!lease) return perform(protocol_.reject(lease.error()));
  lease_ = std::move(*lease);
  if (action.position) seen_.saw(*action.position);
  link_->set_alarm(std::nullopt);
  link_->hold(lease_, WsProtocol::kExpired);
  perform(protocol_.accept());
}

/// The lease of the token of `connection_init`; if it has none, that of the upgrade request.
domain::Result<usecase::LeasePtr> WsConnection::lease_of(const std::optional<std::string>& token) const {
  if (token) return endpoint_->tokens().lease(*token);
  if (upgrade_) return *upgrade_;
  return endpoint_->tokens().lease_absent();
}

void WsConnection::act(WsStart& action) {
  if (lease_->ended()) return;  // the link holds the lease, too, and closes
  auto prepared = endpoint_->prepare(action.params);
  if (!prepared) return link_->send(protocol_.fail(action.id, prepared.error()));
  auto operation = std::make_shared<WsOperation>(action.id, std::move(*prepared));
  if (operation->is_subscription()) {
    const auto read = operation->read_subscription();
    if (!read) return link_->send(protocol_.fail(action.id, read.error()));
  }
  operations_.emplace(std::move(action.id), operation);
  queue_.push_back(std::move(operation));
  pump();
}

void WsConnection::act(WsStop& action) {
  const auto found = operations_.find(action.id);
  if (found != operations_.end()) forget(OperationPtr{found->second});
  pump();
}

/// Runs the next operation, if none runs and the socket has taken everything so far.
void WsConnection::pump() {
  if (link_ == nullptr || link_->has_unsent()) return;
  if (!running_ && !queue_.empty()) {
    running_ = true;
    auto next = std::move(queue_.front());
    queue_.pop_front();
    link_->spawn(run(shared_from_this(), std::move(next)));
  }
}

Async<void> WsConnection::run(std::shared_ptr<WsConnection> self, OperationPtr operation) {
  if (operation->is_subscription()) {
    co_await subscribe(self, operation);
  } else {
    co_await execute(self, operation);
  }
  self->running_ = false;
  if (self->link_ != nullptr && !self->link_->has_unsent()) self->visit_.reset();
  self->pump();
}

Async<void> WsConnection::execute(std::shared_ptr<WsConnection> self, OperationPtr operation) {
  domain::SeenPosition told;
  const auto visit = self->visit_ = std::make_shared<usecase::Visit>();
  const Context context{self->lease_->who(), self->seen_.latest(), &told, visit};
  auto answer = co_await graphql::execute(operation->prepared(), self->endpoint_->resolvers(), context);
  if (const auto& position = told.latest()) {
    self->seen_.saw(*position);
    if (operation->prepared().type() == OperationType::mutation) tell_in_extensions(answer, *position);
  }
  if (self->is_gone(operation)) co_return;
  const auto id = operation->id();
  self->forget(operation);
  const auto text = answer.dump();
  visit->hold(text.size());
  self->link_->send(self->protocol_.next(id, text));
  self->link_->send(self->protocol_.complete(id));
}

Async<void> WsConnection::subscribe(std::shared_ptr<WsConnection> self, OperationPtr operation) {
  auto watch = co_await open_watch(self->endpoint_->use_cases(), operation->subscription(), self->lease_->who(),
                                   self->seen_.latest());
  if (self->is_gone(operation)) co_return;
  if (!watch) co_return self->fail(operation, to_graphql_errors(watch.error()));
  operation->watch(*self->endpoint_, std::move(*watch), self, self->shared_link_);
}

void WsConnection::on_batch(const OperationPtr& operation) {
  if (is_gone(operation)) return;
  waiting_.push_back(operation);
}

/// The answer to the next frame that has one. Frames without an answer for their subscription are skipped.
std::shared_ptr<const std::string> WsConnection::next_message() {
  while (!waiting_.empty()) {
    const auto operation = waiting_.front();
    const auto answer = operation->first_answer();
    if (!answer) {
      fail(operation, answer.error());
      continue;
    }
    if (*answer) return std::make_shared<const std::string>(protocol_.next(operation->id(), **answer));
    drop_first();
  }
  return nullptr;
}

void WsConnection::on_message_begun() { drop_first(); }

void WsConnection::drop_first() {
  auto operation = waiting_.front();
  operation->drop_first();
  if (operation->waits()) return;
  waiting_.pop_front();
  begun_.push_back(std::move(operation));
}

void WsConnection::on_drained() {
  if (link_ == nullptr) return;
  if (!running_) visit_.reset();
  for (const auto& operation : std::exchange(begun_, {})) operation->ready();
  pump();
}

/// Lost access ends one subscription. A node that stops, or a log that cannot be read, ends the connection.
void WsConnection::on_watch_end(const OperationPtr& operation, delivery::WatchCloseReason reason) {
  if (is_gone(operation)) return;
  if (reason == delivery::WatchCloseReason::forbidden) {
    return fail(operation, {{"The right to watch this conversation has ended.", "not-a-member", "conversation"}});
  }
  link_->close(kGoingAway, "retry-after=1000");
}

void WsConnection::fail(const OperationPtr& operation, const GraphqlErrors& errors) {
  forget(operation);
  link_->send(protocol_.fail(operation->id(), errors));
}

void WsConnection::forget(const OperationPtr& operation) {
  operation->stop();
  const auto found = operations_.find(operation->id());
  if (found != operations_.end() && found->second == operation) operations_.erase(found);
  std::erase(queue_, operation);
  std::erase(waiting_, operation);
  std::erase(begun_, operation);
}

}  // namespace danwa::adapters::graphql
