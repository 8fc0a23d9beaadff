#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "domain/account/credential.hpp"
#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/core/result.hpp"
#include "usecase/comments.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/ports/repositories.hpp"
#include "usecase/ports/system.hpp"
#include "usecase/ports/update_log.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::usecase {

/// Maximum number of stores of a caller: the channels that one watch can hold beside those of the person and the
/// company.
inline constexpr std::size_t kMaxStores = 64;

/// The inboxes of `who`: their own, their stores', their company's; all different, in this order. Errors:
/// `token-required` (unauthenticated) for callers without a name; `too-many-stores` (validation).
domain::Result<std::vector<domain::ChannelKey>> inboxes_of(const domain::Credential& who);

/// Reads the logs of several channels as one, by time: the next update is the oldest of the next ones of all channels.
/// Holds about two pages (in rows and in text, and at least one row per channel), however many channels there are and
/// however long they are. For one page, by one caller.
class MergedReader {
 public:
  /// `after`: where to start in the channels that it names. The other channels start with the oldest update that their
  /// log holds. Every read is as fresh as `wanted`, and as the reads before it.
  MergedReader(UpdateLog& log, const std::vector<domain::ChannelKey>& channels,
               const std::optional<domain::MergedCursor>& after, std::size_t limit, const Freshness& wanted);

  /// Returns the next `limit` updates, or fewer if the logs end or their text fills the page. Empty if the start is not
  /// a place in these logs: another epoch, above a head, not held any more, or the log was replaced meanwhile. Errors:
  /// `unavailable`.
  Async<domain::Result<std::optional<std::vector<domain::Update>>>> read();

  /// The place after the updates that were read.
  domain::MergedCursor place() const;

  /// Position of the database, from the latest read that included one.
  const std::optional<domain::Position>& position() const { return told_.latest(); }

  /// The place at the heads of all channels. Errors: `unavailable`.
  Async<domain::Result<domain::MergedCursor>> heads();

 private:
  struct Source {
    domain::ChannelKey channel;
    domain::Seq seq = 0;                 // of the last update taken
    std::deque<domain::Update> waiting;  // the updates after it, without holes
    bool from_oldest = false;            // starts with the oldest update of its log
    bool at_end = false;                 // `waiting` reached the head of its page
  };
  Async<domain::Result<bool>> fill(Source& source);  // false: see `read`
  Async<domain::Result<UpdateLog::Page>> read_page(const Source& source, ReadFrom from);
  Source* oldest();

  UpdateLog& log_;
  std::size_t limit_;
  PageSize chunk_;  // size of one read of one channel
  Freshness wanted_;
  domain::SeenPosition told_;
  std::optional<domain::Epoch> epoch_;
  std::vector<Source> sources_;
};

/// Saves a notification in one inbox, then publishes it to the watchers of the inbox. Thread safe.
class SendNotification {
 public:
  struct Needs {
    NotificationRepository& notifications;
    EventBus& events;
    IdGenerator& ids;
    const Clock& clock;
  };
  /// Exactly one of the three.
  struct Recipient {
    std::optional<std::string> user;
    std::optional<std::string> store;
    std::optional<std::string> company;
  };
  struct Input {
    Recipient to;
    std::string text;
    std::optional<std::string> idempotency_key;
    Precondition precondition{};  ///< on the new notification, which does not exist yet
  };
  struct Output {
    domain::Notification notification;
    bool replayed;              ///< the answer to an earlier request with the same idempotency key
    domain::Position position;  ///< of the notification
  };
  struct Parsed {
    domain::ChannelKey to;
    domain::NotificationText text;
    std::optional<IdempotencyKey> key;
  };

  explicit SendNotification(Needs needs) : needs_{needs} {}

  /// Errors, gathered: `to-invalid` (not exactly one), `user-*`, `store-*`, `company-*`, `text-*`,
  /// `idempotency-key-invalid` (validation).
  static domain::Result<Parsed> parse(Input input, const domain::CompanyId& sender_company);

  /// A success is durable. Errors: those of `parse`; `token-required`; `not-granted` (forbidden), also for another
  /// company; those of `NotificationRepository::add`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

/// Reads a page of the caller's inboxes as one list: by time, each inbox in the order of its log. Thread safe.
class ReadNotifications {
 public:
  static constexpr std::size_t kMaxLimit = 1000;

  explicit ReadNotifications(UpdateLog& log) : log_{log} {}

  struct Input {
    std::optional<domain::MergedCursor> after;  ///< inboxes that it does not name are read from the start
    std::size_t limit = 100;                    ///< 1 to 1,000
    std::optional<domain::Position> seen{};     ///< everything written up to it is shown
    ReadFrom from = ReadFrom::replica;          ///< the master after an announcement, which a replica may not have yet
  };
  struct Output {
    std::vector<domain::Update> updates;
    domain::MergedCursor next;  ///< after these updates; names every inbox
    bool reset = false;         ///< a log does not continue at the cursor (see ReadUpdates): `next` is at the heads
    std::optional<domain::Position> position{};  ///< position of the database that the page shows
  };

  /// Errors: `limit-out-of-range`, `too-many-stores` (validation); `token-required`; `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  UpdateLog& log_;
};

/// Creates one merged watch of the caller's inboxes. Thread safe.
class WatchNotifications {
 public:
  struct Input {
    std::optional<domain::MergedCursor> after;  ///< inboxes that it does not name start at now
    Delivery delivery = Delivery::complete;
    std::optional<domain::Position> seen{};  ///< "now" is not before it
  };

  /// Errors: `token-required`; `too-many-stores` (validation).
  domain::Result<Watch> execute(const Input& input, const domain::Credential& who) const;
};

}  // namespace danwa::usecase
