#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace danwa::infra {

/// Appends a command of these words in Redis's protocol. The words may contain any bytes.
void append_command(std::string& out, std::initializer_list<std::string_view> words);

}  // namespace danwa::infra
