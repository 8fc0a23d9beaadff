#pragma once

#include <optional>
#include <string_view>
#include <tl/expected.hpp>

namespace danwa::adapters::http {

/// Why a request is not read on. All texts are literals: nothing of the request is echoed.
struct Refusal {
  int status;
  std::string_view code;    ///< e.g. "header-name-invalid"
  std::string_view detail;  ///< one English sentence
};

template <class T>
using Checked = tl::expected<T, Refusal>;
using Check = std::optional<Refusal>;  ///< nothing: passed

inline tl::unexpected<Refusal> refuse(int status, std::string_view code, std::string_view detail) {
  return tl::unexpected<Refusal>{Refusal{status, code, detail}};
}

}  // namespace danwa::adapters::http
