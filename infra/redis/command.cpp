#include "infra/redis/command.hpp"

#include <hiredis/hiredis.h>

#include <new>
#include <vector>

namespace danwa::infra {

void append_command(std::string& out, std::initializer_list<std::string_view> words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const auto word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* formatted = nullptr;
  const int size = redisFormatCommandArgv(&formatted, static_cast<int>(words.size()), texts.data(), sizes.data());
  if (size < 0) throw std::bad_alloc{};
  out.append(formatted, static_cast<std::size_t>(size));
  redisFreeCommand(formatted);
}

}  // namespace danwa::infra
