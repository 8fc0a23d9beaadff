#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "domain/channel/merged_cursor.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::usecase {

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

}  // namespace danwa::usecase
