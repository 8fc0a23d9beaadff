#include "infra/postgres/values.hpp"

namespace danwa::infra::pg {

Array& Array::put(const std::string& element) {
  if (!empty()) text_ += ',';
  text_ += element;
  return *this;
}

Array& Array::add(const std::string& text) {
  if (!empty()) text_ += ',';
  text_ += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') text_ += '\\';
    text_ += c;
  }
  text_ += '"';
  return *this;
}

std::vector<const char*> Values::pointers() const {
  std::vector<const char*> pointers;
  pointers.reserve(texts_.size());
  for (const auto& text : texts_) pointers.push_back(text ? text->c_str() : nullptr);
  return pointers;
}

}  // namespace danwa::infra::pg
