#include <algorithm>
#include <tao/pegtl.hpp>
#include <vector>

#include "adapters/protocol/graphql/parser.hpp"

// Cuts a document into tokens with PEGTL, and decodes block strings. This pass is flat. It bounds the bytes, the tokens
// and the depth of brackets before the parser, which recurses, sees anything. PEGTL does not parse the whole grammar:
// that took 9.9 s to compile, and its recursion ended the process at 100,000 nested selections. A token refers to the
// text of the document. The parser has a string decoded when it takes it.

namespace danwa::adapters::graphql {
namespace {

constexpr std::string_view kBlank = " \t";

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t start = 0;;) {
    const auto end = text.find_first_of("\r\n", start);
    lines.push_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return lines;
    start = end + (text.substr(end, 2) == "\r\n" ? 2 : 1);
  }
}

bool is_blank(std::string_view line) { return line.find_first_not_of(kBlank) == std::string_view::npos; }

std::size_t common_indent(const std::vector<std::string_view>& lines) {
  std::size_t least = std::string_view::npos;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (!is_blank(lines[i])) least = std::min(least, lines[i].find_first_not_of(kBlank));
  }
  return least == std::string_view::npos ? 0 : least;
}

void append_unescaped(std::string& out, std::string_view line) {
  constexpr std::string_view kEscaped = "\\\"\"\"";
  for (auto at = line.find(kEscaped); at != std::string_view::npos; at = line.find(kEscaped)) {
    out += line.substr(0, at);
    out += kEscaped.substr(1);
    line.remove_prefix(at + kEscaped.size());
  }
  out += line;
}

}  // namespace

std::string decode_block_string(std::string_view raw) {
  auto lines = split_lines(raw);
  const auto indent = common_indent(lines);
  for (std::size_t i = 1; i < lines.size(); ++i) lines[i].remove_prefix(std::min(indent, lines[i].size()));
  while (!lines.empty() && is_blank(lines.back())) lines.pop_back();
  const auto first = std::find_if_not(lines.begin(), lines.end(), is_blank);
  std::string out;
  for (auto line = first; line != lines.end(); ++line) {
    if (line != first) out += '\n';
    append_unescaped(out, *line);
  }
  return out;
}

namespace {

namespace pegtl = tao::pegtl;

/// The lexical grammar, named as in the specification's appendix B.1. No rule recurses.
namespace rule {

using pegtl::at, pegtl::not_at, pegtl::one, pegtl::opt, pegtl::plus, pegtl::seq, pegtl::sor, pegtl::star;

struct utf8_text : seq<star<pegtl::utf8::any>, pegtl::eof> {};
struct line_end : sor<one<'\r', '\n'>, pegtl::eof> {};
struct comment : seq<one<'#'>, star<not_at<line_end>, pegtl::any>> {};
struct ignored : star<sor<one<' ', '\t', '\r', '\n', ','>, comment>> {};

struct ellipsis : pegtl::string<'.', '.', '.'> {};
struct punctuator : sor<one<'!', '$', '&', '(', ')', ':', '=', '@', '[', ']', '{', '|', '}'>, ellipsis> {};
struct name : pegtl::identifier {};

struct integer_part : seq<opt<one<'-'>>, sor<one<'0'>, plus<pegtl::digit>>> {};
struct fraction : seq<one<'.'>, plus<pegtl::digit>> {};
struct exponent : seq<one<'e', 'E'>, opt<one<'+', '-'>>, plus<pegtl::digit>> {};
struct number_end : not_at<sor<pegtl::identifier_other, one<'.'>>> {};
struct floating : seq<integer_part, sor<seq<fraction, opt<exponent>>, exponent>, number_end> {};
struct integer : seq<integer_part, number_end> {};

struct triple : pegtl::string<'"', '"', '"'> {};
struct escaped_triple : pegtl::string<'\\', '"', '"', '"'> {};
struct block_text : star<not_at<triple>, sor<escaped_triple, pegtl::any>> {};
struct block_string : seq<triple, block_text, triple> {};

struct escape : seq<one<'\\'>, pegtl::any> {};  // decode_escapes knows which exist
struct quoted_text : star<sor<escape, pegtl::not_one<'"', '\\', '\r', '\n'>>> {};
struct quoted_string : seq<not_at<triple>, one<'"'>, quoted_text, one<'"'>> {};

struct token : sor<punctuator, name, floating, integer, block_string, quoted_string> {};

}  // namespace rule

template <class Rule>
struct Action : pegtl::nothing<Rule> {};

template <TokenKind kind>
struct Keep {
  template <class Input>
  static void apply(const Input& in, Token& token) {
    token.kind = kind;
    token.text = in.string_view();
  }
};

template <>
struct Action<rule::punctuator> : Keep<TokenKind::punctuator> {};
template <>
struct Action<rule::name> : Keep<TokenKind::name> {};
template <>
struct Action<rule::floating> : Keep<TokenKind::floating> {};
template <>
struct Action<rule::integer> : Keep<TokenKind::integer> {};
template <>
struct Action<rule::block_text> : Keep<TokenKind::block_string> {};
template <>
struct Action<rule::quoted_text> : Keep<TokenKind::string> {};

using Input = pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf_crlf, const char*>;

bool is_forbidden(char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r'; }

std::string why_no_token(std::string_view rest) {
  const char c = rest.front();
  if (c == '"') return "A string is not ended.";
  if (c == '-' || (c >= '0' && c <= '9')) return "This is not a number.";
  if (static_cast<unsigned char>(c) >= 0x80) return "A character is not expected here.";
  return std::string{"The character "} + c + " is not expected here.";
}

class Lexer {
 public:
  Lexer(std::string_view text, const ParseLimits& limits) : text_{text}, limits_{limits} {}

  Outcome<std::vector<Token>> run() {
    if (text_.size() > limits_.max_bytes) {
      return limit(0, "A document may be at most " + std::to_string(limits_.max_bytes) + " bytes long.");
    }
    Input whole{text_.data(), text_.data() + text_.size(), ""};
    if (!pegtl::parse<rule::utf8_text>(whole)) return syntax(0, "The document is not valid UTF-8.");
    for (std::size_t at = 0; at < text_.size(); ++at) {
      if (is_forbidden(text_[at])) return syntax(at, "A control character is not allowed here.");
    }
    return cut();
  }

 private:
  Outcome<std::vector<Token>> cut() {
    const std::size_t mark = text_.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;  // a byte order mark
    Input in{text_.data() + mark, text_.data() + text_.size(), ""};
    std::vector<Token> tokens;
    for (pegtl::parse<rule::ignored>(in); !in.empty(); pegtl::parse<rule::ignored>(in)) {
      Token token;
      token.at = static_cast<Offset>(in.current() - text_.data());
      if (tokens.size() == limits_.max_tokens) {
        return limit(token.at, "A document may have at most " + std::to_string(limits_.max_tokens) + " tokens.");
      }
      if (!pegtl::parse<rule::token, Action>(in, token)) return syntax(token.at, why_no_token(text_.substr(token.at)));
      if (token.kind == TokenKind::integer || token.kind == TokenKind::floating) {
        if (leading_zero(token.text)) return syntax(token.at, "A number may not begin with 0 and another digit.");
      }
      if (!count_depth(token)) {
        return limit(token.at, "Brackets may lie at most " + std::to_string(limits_.max_depth) + " deep.");
      }
      tokens.push_back(token);
    }
    tokens.push_back(Token{TokenKind::end, {}, static_cast<Offset>(text_.size())});
    return tokens;
  }

  static bool leading_zero(std::string_view number) {
    if (number.front() == '-') number.remove_prefix(1);
    return number.size() > 1 && number[0] == '0' && number[1] >= '0' && number[1] <= '9';
  }

  bool count_depth(const Token& token) {
    if (token.kind != TokenKind::punctuator) return true;
    const char c = token.text.front();
    if (c == '{' || c == '[' || c == '(') return ++depth_ <= limits_.max_depth;
    if ((c == '}' || c == ']' || c == ')') && depth_ > 0) --depth_;
    return true;
  }

  tl::unexpected<GraphqlErrors> limit(std::size_t at, std::string message) const {
    return refuse(error(at, std::move(message), "graphql-limit"));
  }
  tl::unexpected<GraphqlErrors> syntax(std::size_t at, std::string message) const {
    return refuse(error(at, std::move(message), "graphql-syntax"));
  }
  GraphqlError error(std::size_t at, std::string message, std::string code) const {
    return {std::move(message), std::move(code), {}, {locate(text_, static_cast<Offset>(at))}};
  }

  std::string_view text_;
  const ParseLimits& limits_;
  std::size_t depth_ = 0;
};

}  // namespace

Outcome<std::vector<Token>> tokenize(std::string_view text, const ParseLimits& limits) {
  return Lexer{text, limits}.run();
}

}  // namespace danwa::adapters::graphql
