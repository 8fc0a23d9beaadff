#pragma once

#include <exception>
#include <string>

namespace danwa::adapters {

/// The text of an exception that ended a task, for the log. `failure` must not be null.
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
