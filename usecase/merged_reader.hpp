#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "domain/channel/merged_cursor.hpp"
#include "usecase/async.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::usecase {

/// Reads several channels' logs as one, by time: always the oldest of what comes next in each. Holds about
/// two pages of what it was asked for (in rows and in text; one row of each channel always), however many channels
/// there are and however long they are. For one page, by one caller.
class MergedReader {
 public:
  /// `after`: where to start in channels that it names; the others start with the oldest that their log holds. Every
  /// read is as fresh as `wanted`, and as the reads before it.
  MergedReader(UpdateLog& log, const std::vector<domain::ChannelKey>& channels,
               const std::optional<domain::MergedCursor>& after, std::size_t limit, const Freshness& wanted);

  /// The next `limit` updates, fewer where the logs end or their text fills the page. Nothing: the place is none of
  /// these logs (another epoch, above a head, not held any more, or the log was replaced meanwhile). Errors:
  /// `unavailable`.
  Async<domain::Result<std::optional<std::vector<domain::Update>>>> read();

  /// Behind what was read.
  domain::MergedCursor place() const;

  /// How far the database had come, as the reads told.
  const std::optional<domain::Position>& position() const { return told_.latest(); }

  /// At the heads of all channels. Errors: `unavailable`.
  Async<domain::Result<domain::MergedCursor>> heads();

 private:
  struct Source {
    domain::ChannelKey channel;
    domain::Seq seq = 0;                 // of the last one taken
    std::deque<domain::Update> waiting;  // follows it, without holes
    bool from_oldest = false;            // it starts with what its log holds
    bool at_end = false;                 // `waiting` reached the head that its page told
  };
  Async<domain::Result<bool>> fill(Source& source);  // false: see `read`
  Async<domain::Result<UpdateLog::Page>> read_page(const Source& source, ReadFrom from);
  Source* oldest();

  UpdateLog& log_;
  std::size_t limit_;
  PageSize chunk_;  // read at once from one channel
  Freshness wanted_;
  domain::SeenPosition told_;
  std::optional<domain::Epoch> epoch_;
  std::vector<Source> sources_;
};

}  // namespace danwa::usecase
