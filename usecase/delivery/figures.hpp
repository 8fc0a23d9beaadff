#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace danwa::delivery {

/// A figure that only grows. Thread safe. Each thread counts in a cell of its own, as long as there are few, so that a
/// delivery changes no memory that another thread changes; a reader sums the cells.
class Counter {
 public:
  void add(std::uint64_t n = 1) { cells_[own_cell()].count.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const {
    std::uint64_t sum = 0;
    for (const auto& cell : cells_) sum += cell.count.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  static constexpr std::size_t kCells = 8;
  struct alignas(64) Cell {
    std::atomic<std::uint64_t> count{0};
  };

  static std::size_t own_cell() {
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t cell = threads.fetch_add(1, std::memory_order_relaxed) % kCells;
    return cell;
  }

  std::array<Cell, kCells> cells_;
};

/// A figure that goes up and down. Thread safe.
class Gauge {
 public:
  void add(std::int64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  void sub(std::int64_t n = 1) { value_.fetch_sub(n, std::memory_order_relaxed); }
  void set(std::int64_t n) { value_.store(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// The figures that delivery keeps; `adapters::Metrics` adds those of the rest of the node.
struct DeliveryFigures {
  Gauge router_entries;       ///< (channel, watcher) registrations
  Gauge cached_channels;      ///< channels with a tail cache
  Gauge watchers_live;        ///< watchers that are up to date
  Gauge watchers_behind;      ///< watchers that read from the cache or the log
  Counter frames_delivered;   ///< frames handed to transports
  Counter ring_drops;         ///< updates that slid out of a sliding buffer
  Counter updates_missed;     ///< updates reported as missed to `latest` watchers
  Counter log_pages_read;     ///< pages read from the log for watchers
  Counter cache_pages;        ///< pages served from tail caches
  Counter tail_repairs;       ///< channels that were repaired after the tail found them behind
  Counter bus_unexpected;     ///< messages of unknown form or version
  Counter bus_foreign;        ///< messages of another log, dropped
  Gauge presence_entries;     ///< people in conversations: here, and elsewhere in those that are wanted here
  Gauge presence_nodes;       ///< other nodes that show signs of life
  Gauge presence_left_out;    ///< people of this node that are not announced to the others
  Counter presence_names_in;  ///< names of people in the notes of other nodes
};

}  // namespace danwa::delivery
