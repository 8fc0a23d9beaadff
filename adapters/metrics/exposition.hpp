#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "adapters/metrics/metrics.hpp"

namespace danwa::adapters {

/// Writes figures in Prometheus text format 0.0.4, with the prefix `danwa_`; counters get the suffix `_total`.
class Exposition {
 public:
  void figure(std::string_view name, std::string_view help, const Gauge& gauge) {
    line(name, "", help, "gauge", std::to_string(gauge.value()));
  }
  void figure(std::string_view name, std::string_view help, const Counter& counter) {
    line(name, "_total", help, "counter", std::to_string(counter.value()));
  }
  std::string take() { return std::move(out_); }

 private:
  void line(std::string_view name, std::string_view suffix, std::string_view help, std::string_view type,
            const std::string& value) {
    std::string full = "danwa_";
    full += name;
    full += suffix;
    out_ += "# HELP " + full + " ";
    out_ += help;
    out_ += "\n# TYPE " + full + " ";
    out_ += type;
    out_ += "\n" + full + " " + value + "\n";
  }

  std::string out_;
};

}  // namespace danwa::adapters
