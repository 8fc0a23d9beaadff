#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/json/json_object.hpp"

namespace danwa::adapters {

/// One pass over a JSON text (RFC 8259), by recursive descent as deep as the limit allows and no deeper.
/// Used once. `json_object.hpp` is its front.
class JsonScanner {
 public:
  JsonScanner(std::string_view text, int max_depth) : text_{text}, max_depth_{max_depth} {}

  /// Reads the one object the text must be; its members go to `members`. False: see `message`.
  bool scan_document(std::vector<JsonMember>& members);

  std::size_t offset() const { return at_; }  ///< where it stopped, in bytes from 0
  const std::string& message() const { return message_; }

 private:
  bool value(JsonMember& into);
  bool object(std::vector<JsonMember>* members);
  bool member(std::set<std::string>& names, std::vector<JsonMember>* members);
  bool array();
  bool string(std::string& out);
  bool escape(std::string& out);
  bool unicode_escape(std::string& out);
  bool hex4(unsigned& unit);
  bool number();
  bool digits();
  bool word(std::string_view expected);
  bool enter();

  void skip_space();
  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool take(char c);
  bool fail(std::string message);
  bool fail_at(std::size_t offset, std::string message);

  std::string_view text_;
  int max_depth_;
  int depth_ = 0;
  std::size_t at_ = 0;
  std::string message_;
};

}  // namespace danwa::adapters
