#pragma once

#include <cstdint>
#include <string>

namespace danwa::infra {

/// The usual `process_...` figures in Prometheus text format: CPU seconds, resident memory, open
/// descriptors and their limit, threads, start time.
std::string process_figures();

/// Descriptors that the process has open now.
std::uint64_t open_descriptors();

/// Raises the soft limit of open descriptors to the hard one. Returns the limit that holds then.
std::uint64_t raise_descriptor_limit();

}  // namespace danwa::infra
