#include "adapters/protocol/graphql/parser.hpp"

#include <gtest/gtest.h>

#include "adapters/protocol/graphql/document.hpp"
#include "adapters/protocol/graphql/language.hpp"

namespace danwa::adapters::graphql {
namespace {

const Field& field(const Selection& selection) { return std::get<Field>(selection.node); }

Value argument(const std::string& text) {
  const auto document = parsed("{a(b: " + text + ")}");
  if (document.operations.empty()) return {};
  return field(document.operations[0].selections[0]).arguments[0].value;
}

std::string refused_at(std::string_view text) {
  const auto document = parse(text);
  if (document) return "accepted";
  const auto& error = document.error().front();
  const auto& at = error.locations.front();
  return std::to_string(at.line) + ':' + std::to_string(at.column) + ' ' + error.message;
}

TEST(GraphqlParse, ReadsAllThatAnOperationCanHold) {
  const auto document = parsed(R"(
    query Q($id: ID! = "x" @d, $list: [[Int!]]!) @a(b: 1) {
      alias: name(arg: {k: [1, -2.5e3, $id, ENUM, true, null, "s"]}) @skip(if: true) { ...F  ... on T @x { b } ... { c } }
    }
    fragment F on Type @y { d }
    mutation { m }
    subscription S { s })");
  ASSERT_EQ(document.operations.size(), 3U);
  const auto& query = document.operations[0];
  EXPECT_EQ(query.name, "Q");
  EXPECT_EQ(query.variables[0].type.to_string(), "ID!");
  EXPECT_EQ(query.variables[0].default_value->text, "x");
  EXPECT_EQ(query.variables[0].directives[0].name, "d");
  EXPECT_EQ(query.variables[1].type.to_string(), "[[Int!]]!");
  EXPECT_EQ(query.directives[0].arguments[0].value.text, "1");
  const auto& alias = field(query.selections[0]);
  EXPECT_EQ(alias.response_name(), "alias");
  EXPECT_EQ(alias.name, "name");
  EXPECT_EQ(print(alias.arguments[0].value), R"({k: [1, -2.5e3, $id, ENUM, true, null, "s"]})");
  EXPECT_EQ(std::get<FragmentSpread>(alias.selections[0].node).name, "F");
  EXPECT_EQ(std::get<InlineFragment>(alias.selections[1].node).on, "T");
  EXPECT_EQ(std::get<InlineFragment>(alias.selections[2].node).on, "");
  EXPECT_EQ(document.fragments[0].on, "Type");
  EXPECT_EQ(document.operations[1].type, OperationType::mutation);
  EXPECT_EQ(document.operations[2].name, "S");
}

TEST(GraphqlParse, KeywordsAreNamesElsewhere) {
  const auto document =
      parsed("query query { on fragment: type(query: mutation) ...on_ } fragment on_ on on { null true }");
  EXPECT_EQ(document.operations[0].name, "query");
  EXPECT_EQ(document.operations[0].selections.size(), 3U);
}

TEST(GraphqlParse, CommasCommentsAndByteOrderMarkSeparate) {
  const auto document = parsed("\xEF\xBB\xBF#c{\r,,{a,#}\nb\t}#end");
  EXPECT_EQ(document.operations[0].selections.size(), 2U);
}

TEST(GraphqlParse, DecodesStrings) {
  EXPECT_EQ(argument(R"("a\"\\\/\b\f\n\r\tz")").text, "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(argument(R"("\u00e9\u20AC")").text, "é€");
  EXPECT_EQ(argument(R"("\ud83d\uDE00")").text, "😀");
  EXPECT_EQ(argument(R"("\u{1F600}\u{0061}\u{00000000e9}")").text, "😀aé");
  EXPECT_EQ(argument(R"("😀")").text, "😀");
  EXPECT_EQ(argument(R"("")").text, "");
  EXPECT_EQ(argument(R"("#,{")").text, "#,{");
}

TEST(GraphqlParse, RefusesWhatIsNoEscape) {
  for (const auto* text :
       {R"("\x")", R"("\u12")", R"("\u12G4")", R"("\ud83d")", R"("\ud83dx")", R"("\ud83d\u0041")", R"("\ude00")",
        R"("\u{D83D}")", R"("\u{110000}")", R"("\u{}")", R"("\u{12")", R"("\u{FFFFFFFFFFFFFFFFF1}")"}) {
    EXPECT_EQ(refused_at(std::string{"{a(b: \"\", c: "} + text + ")}").substr(0, 5), "1:15 ") << text;
  }
}

TEST(GraphqlParse, BlockStringsLoseTheirIndentation) {
  EXPECT_EQ(argument("\"\"\"\n    Hello,\n      World!\n\n    Yours,\n      GraphQL.\n  \"\"\"").text,
            "Hello,\n  World!\n\nYours,\n  GraphQL.");
  EXPECT_EQ(argument("\"\"\"  first\r\n   second\r   third\"\"\"").text, "  first\nsecond\nthird");
  EXPECT_EQ(argument(R"("""\n \u0041 \""" " "" """)").text, R"(\n \u0041 """ " "" )");
  EXPECT_EQ(argument(R"("""""")").text, "");
  EXPECT_EQ(argument("\"\"\"\n \n\t\n\"\"\"").text, "");
}

TEST(GraphqlParse, ReadsNumbers) {
  for (const auto* text : {"0", "-0", "12", "-7"}) EXPECT_EQ(argument(text).kind, Value::Kind::integer) << text;
  for (const auto* text : {"0.0", "-1.50", "1e9", "1E+9", "1.5e-3"}) {
    EXPECT_EQ(argument(text).kind, Value::Kind::floating) << text;
  }
  for (const auto* text :
       {"00", "-01", "01.5", "1.", ".5", "1.e3", "1e", "+1", "1a", "1_", "0x1", "1.5.6", "1e2e3", "-"}) {
    EXPECT_NE(refused_at("{a(b: " + std::string{text} + ")}"), "accepted") << text;
  }
}

TEST(GraphqlParse, SaysWhatWasExpectedAndWhere) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "1:1 Syntax error: the end is not expected here, but an operation or fragment."},
      {"{", "1:2 Syntax error: the end is not expected here, but }."},
      {"{}", "1:2 Syntax error: } is not expected here."},
      {"{a(}", "1:4 Syntax error: } is not expected here, but a name."},
      {"{a()}", "1:4 Syntax error: ) is not expected here."},
      {"{a:}", "1:4 Syntax error: } is not expected here, but a name."},
      {"{a(b:)}", "1:6 Syntax error: ) is not expected here, but a value."},
      {"{a}}", "1:4 Syntax error: } is not expected here, but an operation or fragment."},
      {"{a\n...}", "2:4 Syntax error: } is not expected here, but {."},
      {"query", "1:6 Syntax error: the end is not expected here, but {."},
      {"query ($a: Int = $b) {a}", "1:18 A variable is not allowed here."},
      {"query () {a}", "1:8 Syntax error: ) is not expected here."},
      {"fragment on on T {a}", "1:10 Syntax error: on is not expected here, but the fragment's name."},
      {"fragment F {a}", "1:12 Syntax error: { is not expected here, but on."},
      {"{a} type T {a: Int}", "1:5 Definitions of types cannot be executed."},
      {"\"text\" {a}", "1:1 Definitions of types cannot be executed."},
      {"foo", "1:1 Syntax error: foo is not expected here, but an operation or fragment."},
      {"{a(b: \"x)}", "1:7 A string is not ended."},
      {"{a(b: \"x\ny\")}", "1:7 A string is not ended."},
      {"{a(b: \"\"\"x\"\")}", "1:7 A string is not ended."},
      {"{é%}", "1:2 A character is not expected here."},
      {"{a %}", "1:4 The character % is not expected here."},
      {"{a ..b}", "1:4 The character . is not expected here."},
      {"# é€😀\r\n{a(b: \"ü\", %)}", "2:12 The character % is not expected here."},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(refused_at(text), message) << text;
}

TEST(GraphqlParse, RefusesBytesThatAreNoText) {
  EXPECT_EQ(refused_at("{a\xFF}"), "1:1 The document is not valid UTF-8.");
  EXPECT_EQ(refused_at("{a(b: \"\xED\xA0\x80\")}"), "1:1 The document is not valid UTF-8.");
  EXPECT_EQ(refused_at(std::string_view{"{a\0}", 4}), "1:3 A control character is not allowed here.");
  EXPECT_EQ(refused_at("{a(b: \"\x1B\")}"), "1:8 A control character is not allowed here.");
}

}  // namespace
}  // namespace danwa::adapters::graphql
