#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace danwa::infra {

/// Appends a command of these words, as Redis reads it; the words may hold any bytes.
void append_command(std::string& out, std::initializer_list<std::string_view> words);

}  // namespace danwa::infra
