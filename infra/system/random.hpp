#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace danwa::infra {

/// Fills `out` from the kernel's random generator. Ends the process if the kernel fails.
void fill_random(std::span<std::byte> out);

/// `bytes` random bytes in lower-case hexadecimal.
std::string random_hex(std::size_t bytes);

}  // namespace danwa::infra
