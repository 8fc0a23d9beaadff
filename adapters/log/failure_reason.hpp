#pragma once

#include <exception>
#include <string>

namespace danwa::adapters {

/// What ended a task, for the log. `failure` is not null.
inline std::string failure_reason(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown exception";
  }
}

}  // namespace danwa::adapters
