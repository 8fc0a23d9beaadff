#include "domain/comment/comment_content.hpp"

#include "domain/core/bounded_text.hpp"

namespace danwa::domain {

Result<CommentContent> CommentContent::parse(std::string text, std::size_t max) {
  return parse_text(std::move(text), TextRules{"content", max, true}).map([](std::string ok) {
    return CommentContent{std::move(ok)};
  });
}

}  // namespace danwa::domain
