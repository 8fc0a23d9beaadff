#include "infra/postgres/script.hpp"

#include <stdexcept>

#include "domain/core/text.hpp"

namespace danwa::postgres {

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

namespace {

template <class Integer>
Integer parse_integer(std::string_view text) {
  const auto value = domain::parse_number<Integer>(text);
  if (!value) throw std::runtime_error{"a value in the database is not a number"};
  return *value;
}

}  // namespace

std::string_view Row::view(int column) const {
  return {PQgetvalue(result_, number_, column), static_cast<std::size_t>(PQgetlength(result_, number_, column))};
}

std::int64_t Row::integer(int column) const { return parse_integer<std::int64_t>(view(column)); }

std::uint64_t Row::number(int column) const { return parse_integer<std::uint64_t>(view(column)); }

std::optional<std::string> Row::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

domain::Uuid Row::uuid(int column) const {
  const auto id = domain::Uuid::parse(view(column));
  if (!id) throw std::runtime_error{"a value in the database is not an id"};
  return *id;
}

Row Rows::first() const {
  if (empty()) throw std::runtime_error{"the database lacks a row that must be there"};
  return (*this)[0];
}

std::string Rows::field(int code) const {
  const char* text = PQresultErrorField(result_.get(), code);
  return text == nullptr ? "" : text;
}

}  // namespace danwa::postgres
