#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace danwa::usecase {

/// Fingerprint of a request's parsed fields: 128 bits of FNV-1a in hexadecimal, over the fields and their lengths.
/// Distinguishes a retry from another request of the same authenticated caller. It does not protect callers from
/// collisions that they construct themselves.
std::string request_hash(std::initializer_list<std::string_view> fields);

}  // namespace danwa::usecase
