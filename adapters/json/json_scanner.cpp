#include "adapters/json/json_scanner.hpp"

namespace danwa::adapters {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, unsigned code) {
  const auto push = [&out](unsigned byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return push(code);
  if (code < 0x800) {
    push(0xC0 | (code >> 6));
    return push(0x80 | (code & 0x3F));
  }
  if (code < 0x10000) {
    push(0xE0 | (code >> 12));
  } else {
    push(0xF0 | (code >> 18));
    push(0x80 | ((code >> 12) & 0x3F));
  }
  push(0x80 | ((code >> 6) & 0x3F));
  push(0x80 | (code & 0x3F));
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

}  // namespace

bool JsonScanner::scan_document(std::vector<JsonMember>& members) {
  skip_space();
  if (!next_is('{')) return fail("a JSON object is expected");
  if (!object(&members)) return false;
  skip_space();
  return at_ == text_.size() || fail("nothing may follow the object");
}

bool JsonScanner::value(JsonMember& into) {
  if (at_ == text_.size()) return fail("the text ends where a value is expected");
  switch (text_[at_]) {
    case '{':
      into.kind = JsonKind::object;
      return object(nullptr);
    case '[':
      into.kind = JsonKind::array;
      return array();
    case '"':
      into.kind = JsonKind::string;
      return string(into.text);
    case 't':
    case 'f':
      into.kind = JsonKind::boolean;
      return word(text_[at_] == 't' ? "true" : "false");
    case 'n':
      into.kind = JsonKind::null;
      return word("null");
    default:
      into.kind = JsonKind::number;
      return number();
  }
}

bool JsonScanner::object(std::vector<JsonMember>* members) {
  if (!enter()) return false;
  std::set<std::string> names;
  ++at_;
  skip_space();
  if (!take('}')) {
    do {
      skip_space();
      if (!member(names, members)) return false;
      skip_space();
    } while (take(','));
    if (!take('}')) return fail("a comma or } is expected");
  }
  --depth_;
  return true;
}

bool JsonScanner::member(std::set<std::string>& names, std::vector<JsonMember>* members) {
  JsonMember found{};
  const std::size_t start = at_;
  if (!next_is('"')) return fail("a name in quotes is expected");
  if (!string(found.name)) return false;
  if (!names.insert(found.name).second) return fail_at(start, "this name stands twice in one object");
  skip_space();
  if (!take(':')) return fail("a colon is expected");
  skip_space();
  const std::size_t from = at_;
  if (!value(found)) return false;
  if (!members) return true;
  if (found.kind == JsonKind::object || found.kind == JsonKind::boolean) found.text = text_.substr(from, at_ - from);
  members->push_back(std::move(found));
  return true;
}

bool JsonScanner::array() {
  if (!enter()) return false;
  ++at_;
  skip_space();
  if (!take(']')) {
    JsonMember ignored{};
    do {
      skip_space();
      ignored.text.clear();
      if (!value(ignored)) return false;
      skip_space();
    } while (take(','));
    if (!take(']')) return fail("a comma or ] is expected");
  }
  --depth_;
  return true;
}

bool JsonScanner::string(std::string& out) {
  ++at_;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return true;
    }
    if (static_cast<unsigned char>(c) < 0x20) return fail("a control character must be escaped");
    if (c == '\\') {
      if (!escape(out)) return false;
      continue;
    }
    out.push_back(c);
    ++at_;
  }
  return fail("a string is not ended");
}

bool JsonScanner::escape(std::string& out) {
  if (at_ + 1 == text_.size()) return fail("a string is not ended");
  const char c = text_[at_ + 1];
  if (c == 'u') return unicode_escape(out);
  const char plain = simple_escape(c);
  if (plain == 0) return fail("there is no such escape");
  out.push_back(plain);
  at_ += 2;
  return true;
}

bool JsonScanner::unicode_escape(std::string& out) {
  const std::size_t start = at_;
  unsigned unit = 0;
  if (!hex4(unit)) return false;
  if (unit >= 0xDC00 && unit <= 0xDFFF) return fail_at(start, "a lone surrogate is no character");
  if (unit >= 0xD800 && unit <= 0xDBFF) {
    unsigned low = 0;
    if (text_.substr(at_, 2) != "\\u") return fail_at(start, "a lone surrogate is no character");
    if (!hex4(low)) return false;
    if (low < 0xDC00 || low > 0xDFFF) return fail_at(start, "a lone surrogate is no character");
    unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
  }
  append_utf8(out, unit);
  return true;
}

bool JsonScanner::hex4(unsigned& unit) {
  at_ += 2;  // the backslash and the u
  unit = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const int digit = at_ < text_.size() ? hex_value(text_[at_]) : -1;
    if (digit < 0) return fail("four hexadecimal digits are expected");
    unit = unit * 16 + static_cast<unsigned>(digit);
  }
  return true;
}

bool JsonScanner::number() {
  const std::size_t start = at_;
  take('-');
  if (!take('0') && !digits()) return fail_at(start, "a value is expected");
  if (take('.') && !digits()) return fail("a digit is expected");
  if (next_is('e') || next_is('E')) {
    ++at_;
    if (!take('+')) take('-');
    if (!digits()) return fail("a digit is expected");
  }
  return true;
}

bool JsonScanner::digits() {
  const std::size_t start = at_;
  while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  return at_ > start;
}

bool JsonScanner::word(std::string_view expected) {
  if (text_.substr(at_, expected.size()) != expected) return fail("a value is expected");
  at_ += expected.size();
  return true;
}

bool JsonScanner::enter() {
  if (++depth_ <= max_depth_) return true;
  return fail("objects and arrays may lie at most " + std::to_string(max_depth_) + " deep");
}

void JsonScanner::skip_space() {
  while (next_is(' ') || next_is('\t') || next_is('\n') || next_is('\r')) ++at_;
}

bool JsonScanner::take(char c) {
  if (!next_is(c)) return false;
  ++at_;
  return true;
}

bool JsonScanner::fail(std::string message) {
  message_ = std::move(message);
  return false;
}

bool JsonScanner::fail_at(std::size_t offset, std::string message) {
  at_ = offset;
  return fail(std::move(message));
}

}  // namespace danwa::adapters
