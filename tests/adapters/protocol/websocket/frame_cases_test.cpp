#include "adapters/protocol/websocket/frame_cases.hpp"

#include <cstddef>

#include "support/websocket_frames.hpp"

namespace danwa::tests {
namespace {

using namespace std::string_literals;

void add(std::vector<FrameCase>& cases, std::string name, std::string bytes, std::string expected) {
  cases.push_back({std::move(name), std::move(bytes), std::move(expected)});
}

std::string number(std::size_t value) { return std::to_string(value); }

/// `payload` as a text message in frames of `size` bytes.
std::string fragmented(std::string_view payload, std::size_t size) {
  std::string out;
  for (std::size_t at = 0; at < payload.size(); at += size) {
    const int opcode = at == 0 ? 0x01 : 0x00;
    const int fin = at + size >= payload.size() ? 0x80 : 0x00;
    out += client_frame(fin | opcode, payload.substr(at, size));
  }
  return out;
}

}  // namespace

std::vector<FrameCase> data_cases() {
  std::vector<FrameCase> cases;
  for (const std::size_t size : {0, 1, 124, 125, 126, 127, 128, 65'535, 65'536}) {
    const std::string payload(size, '*');
    add(cases, "1.1_Text" + number(size), client_text(payload), "text:" + payload);
    add(cases, "1.2_Binary" + number(size), client_frame(0x82, payload), "binary:" + payload);
  }
  add(cases, "1.1_TextAboveLimit", client_text(std::string(65'537, '*')), "refused:1009");
  add(cases, "1.2_BinaryAboveLimit", client_frame(0x82, std::string(65'537, '*')), "refused:1009");
  add(cases, "1.3_LimitCountsAllFragments",
      client_frame(0x01, std::string(65'000, 'a')) + client_frame(0x80, std::string(537, 'a')), "refused:1009");
  add(cases, "1.3_LimitIsPerMessage", client_text(std::string(65'536, 'a')) + client_text("b"),
      "text:" + std::string(65'536, 'a') + " text:b");
  add(cases, "1.4_TwoMessages", client_text("one") + client_frame(0x82, "two"), "text:one binary:two");
  add(cases, "1.5_NotMasked", "\x81\x05Hello"s, "refused:1002");
  add(cases, "1.5_NotMaskedEmpty", "\x81\x00"s, "refused:1002");
  add(cases, "1.5_SecondNotMasked", client_text("a") + "\x81\x01" + "b", "text:a refused:1002");
  add(cases, "1.6_LongLengthForShort", "\x81\xFE\x00\x05"s + std::string(9, 'x'), "refused:1002");
  add(cases, "1.6_LongLength125", "\x81\xFE\x00\x7D"s + std::string(129, 'x'), "refused:1002");
  add(cases, "1.6_HugeLengthForShort", "\x81\xFF"s + big_endian(126, 8) + "xxxx", "refused:1002");
  add(cases, "1.6_HugeLength65535", "\x81\xFF"s + big_endian(65'535, 8) + "xxxx", "refused:1002");
  add(cases, "1.6_LengthAbove63Bits", "\x81\xFF"s + big_endian(1ULL << 63, 8) + "xxxx", "refused:1002");
  add(cases, "1.6_LengthAllOnes", "\x81\xFF"s + big_endian(~0ULL, 8) + "xxxx", "refused:1002");
  add(cases, "1.6_LengthOf63Bits", "\x81\xFF"s + big_endian((1ULL << 63) - 1, 8) + "xxxx", "refused:1009");
  add(cases, "1.7_Nothing", "", "");
  add(cases, "1.7_HalfAHeader", client_text("Hello").substr(0, 4), "");
  add(cases, "1.7_HalfAPayload", client_text("Hello").substr(0, 8), "");
  add(cases, "1.8_MaskOfZeros", "\x81\x82\x00\x00\x00\x00hi"s, "text:hi");
  add(cases, "10.1_Fragments1300", fragmented(std::string(65'536, '*'), 1300), "text:" + std::string(65'536, '*'));
  return cases;
}

std::vector<FrameCase> control_cases() {
  std::vector<FrameCase> cases;
  const std::string longest(125, '\xFE');
  add(cases, "2.1_PingEmpty", client_ping(), "ping:");
  add(cases, "2.2_PingText", client_ping("Hello"), "ping:Hello");
  add(cases, "2.3_PingBinary", client_ping("\x00\xFF\xFE\xFD\xFC\xFB\x00\xFF"s),
      "ping:\x00\xFF\xFE\xFD\xFC\xFB\x00\xFF"s);
  add(cases, "2.4_PingLongest", client_ping(longest), "ping:" + longest);
  add(cases, "2.5_PingTooLong", client_ping(std::string(126, 'x')), "refused:1002");
  add(cases, "2.5_PingMuchTooLong", client_ping(std::string(70'000, 'x')), "refused:1002");
  add(cases, "2.7_PongEmpty", client_frame(0x8A), "pong:");
  add(cases, "2.8_PongText", client_frame(0x8A, "unsolicited"), "pong:unsolicited");
  add(cases, "2.8_PongTooLong", client_frame(0x8A, std::string(126, 'x')), "refused:1002");
  add(cases, "2.9_PongThenPing", client_frame(0x8A, "a") + client_ping("b"), "pong:a ping:b");
  std::string pings;
  std::string answers;
  for (int i = 0; i < 10; ++i) {
    pings += client_ping("payload-" + std::to_string(i));
    answers += (i == 0 ? "ping:payload-" : " ping:payload-") + std::to_string(i);
  }
  add(cases, "2.10_TenPings", pings, answers);
  for (int bits = 1; bits <= 7; ++bits) {
    const int rsv = bits << 4;
    const auto name = number(static_cast<std::size_t>(bits));
    add(cases, "3.1_ReservedInText" + name, client_frame(0x81 | rsv, "Hello"), "refused:1002");
    add(cases, "3.2_ReservedAfterText" + name, client_text("a") + client_frame(0x81 | rsv, "b"), "text:a refused:1002");
    add(cases, "3.5_ReservedInBinary" + name, client_frame(0x82 | rsv, "Hello"), "refused:1002");
    add(cases, "3.6_ReservedInPing" + name, client_frame(0x89 | rsv, "Hello"), "refused:1002");
    add(cases, "3.7_ReservedInClose" + name, client_frame(0x88 | rsv), "refused:1002");
  }
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    const auto name = number(static_cast<std::size_t>(opcode));
    add(cases, "4.1_Opcode" + name, client_frame(0x80 | opcode), "refused:1002");
    add(cases, "4.2_OpcodeWithPayload" + name, client_frame(0x80 | opcode, "reserved"), "refused:1002");
    add(cases, "4.3_OpcodeAfterText" + name, client_text("a") + client_frame(0x80 | opcode) + client_ping(),
        "text:a refused:1002");
    add(cases, "4.4_OpcodeNotFinal" + name, client_frame(opcode, "x"), "refused:1002");
  }
  return cases;
}

std::vector<FrameCase> fragment_cases() {
  std::vector<FrameCase> cases;
  const auto first = client_frame(0x01, "fragment1");
  const auto last = client_frame(0x80, "fragment2");
  add(cases, "5.1_FragmentedPing", client_frame(0x09, "a") + client_frame(0x80, "b"), "refused:1002");
  add(cases, "5.2_FragmentedPong", client_frame(0x0A, "a") + client_frame(0x80, "b"), "refused:1002");
  add(cases, "5.2_FragmentedClose", client_frame(0x08), "refused:1002");
  add(cases, "5.3_TwoFragments", first + last, "text:fragment1fragment2");
  add(cases, "5.3_TwoBinaryFragments", client_frame(0x02, "a") + client_frame(0x80, "b"), "binary:ab");
  add(cases, "5.6_PingBetween", first + client_ping("ping") + last, "ping:ping text:fragment1fragment2");
  add(cases, "5.6_PongBetween", first + client_frame(0x8A) + last, "pong: text:fragment1fragment2");
  add(cases, "5.9_ContinuationAlone", last, "refused:1002");
  add(cases, "5.9_ContinuationThenText", last + client_text("x"), "refused:1002");
  add(cases, "5.12_OpenContinuationAlone", client_frame(0x00, "x") + client_text("x"), "refused:1002");
  add(cases, "5.15_ContinuationAfterEnd", first + last + client_frame(0x00, "x"),
      "text:fragment1fragment2 refused:1002");
  add(cases, "5.16_ContinuationFirst", client_frame(0x00, "x") + first + last, "refused:1002");
  add(cases, "5.18_TextInsideText", first + client_text("x"), "refused:1002");
  add(cases, "5.18_BinaryInsideText", first + client_frame(0x82, "x"), "refused:1002");
  add(cases, "5.18_OpenTextInsideText", first + client_frame(0x01, "x"), "refused:1002");
  add(cases, "5.19_FiveFragmentsAndPings",
      client_frame(0x01, "1") + client_frame(0x00, "2") + client_ping("p") + client_frame(0x00, "3") +
          client_frame(0x00, "4") + client_ping("q") + client_frame(0x80, "5"),
      "ping:p ping:q text:12345");
  add(cases, "5.21_CloseInsideMessage", first + client_close(1000), "close:1000");
  add(cases, "5.22_ReservedInContinuation", first + client_frame(0xC0, "x"), "refused:1002");
  add(cases, "6.1_EmptyMessage", client_text(""), "text:");
  add(cases, "6.1_EmptyFragments", client_frame(0x01) + client_frame(0x00) + client_frame(0x80), "text:");
  add(cases, "6.1_EmptyAroundText", client_frame(0x01) + client_frame(0x00, "middle") + client_frame(0x80),
      "text:middle");
  return cases;
}

std::vector<FrameCase> utf8_cases() {
  std::vector<FrameCase> cases;
  const auto good = [&](const std::string& name, const std::string& text) {
    add(cases, "6.2_" + name, client_text(text), "text:" + text);
    add(cases, "6.2_Fragmented" + name, fragmented(text, 1), "text:" + text);
  };
  const auto bad = [&](const std::string& name, const std::string& text) {
    add(cases, "6.3_" + name, client_text(text), "refused:1007");
    add(cases, "6.3_Fragmented" + name, fragmented(text, 1), "refused:1007");
  };
  good("Greek", "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5");
  good("Mixed", "Hello-\xC2\xB5@\xC3\x9F\xC3\xB6\xC3\xA4\xC3\xBC\xC3\xA0\xC3\xA1-UTF-8!!");
  good("LowestOf1", "\x00"s);
  good("LowestOf2", "\xC2\x80");
  good("LowestOf3", "\xE0\xA0\x80");
  good("LowestOf4", "\xF0\x90\x80\x80");
  good("HighestOf1", "\x7F");
  good("HighestOf2", "\xDF\xBF");
  good("HighestOf3", "\xEF\xBF\xBF");
  good("HighestOf4", "\xF4\x8F\xBF\xBF");
  good("BeforeSurrogates", "\xED\x9F\xBF");
  good("AfterSurrogates", "\xEE\x80\x80");
  good("Replacement", "\xEF\xBF\xBD");
  good("NonCharacter", "\xEF\xBF\xBE");
  good("NonCharacterPlane1", "\xF0\x9F\xBF\xBF");
  good("Emoji", "\xF0\x9F\x98\x80 ok");
  bad("GreekThenSurrogate",
      "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80"
      "edited");
  bad("FiveBytes", "\xF8\x88\x80\x80\x80");
  bad("SixBytes", "\xFC\x84\x80\x80\x80\x80");
  bad("AboveUnicode", "\xF4\x90\x80\x80");
  bad("HighestOfFour", "\xF7\xBF\xBF\xBF");
  bad("LoneTail80", "\x80");
  bad("LoneTailBf", "\xBF");
  bad("SevenTails", "\x80\xBF\x80\xBF\x80\xBF\x80");
  bad("LeadThenSpace", "\xC3 x");
  bad("LeadOf3ThenSpace", "\xE1 \xE2 ");
  bad("LeadOf4ThenSpace", "\xF1 \xF2 ");
  bad("CutOf2AtEnd", "a\xC3");
  bad("CutOf3AtEnd", "a\xE1\x80");
  bad("CutOf4AtEnd", "a\xF1\x80\x80");
  bad("Fe", "\xFE");
  bad("Ff", "\xFF");
  bad("OverlongSlash2", "\xC0\xAF");
  bad("OverlongSlash3", "\xE0\x80\xAF");
  bad("OverlongSlash4", "\xF0\x80\x80\xAF");
  bad("OverlongHighest2", "\xC1\xBF");
  bad("OverlongHighest3", "\xE0\x9F\xBF");
  bad("OverlongHighest4", "\xF0\x8F\xBF\xBF");
  bad("OverlongNul", "\xC0\x80");
  bad("SurrogateFirst", "\xED\xA0\x80");
  bad("SurrogateLast", "\xED\xBF\xBF");
  bad("SurrogatePair", "\xED\xA1\x8C\xED\xBE\xB4");
  add(cases, "6.4_FailsBeforeTheFrameEnds", client_text("\xCE\xBA\xF4\x90" + std::string(100, 'x')).substr(0, 10),
      "refused:1007");
  add(cases, "6.4_FailsBeforeTheMessageEnds", client_frame(0x01, "\xCE\xBA\xF4\x90\x80\x80"), "refused:1007");
  add(cases, "6.4_BinaryIsNotChecked", client_frame(0x82, "\xFF\xFE"), "binary:\xFF\xFE");
  add(cases, "6.4_SequenceAcrossPing", client_frame(0x01, "\xE1\xBD") + client_ping() + client_frame(0x80, "\xB9"),
      "ping: text:\xE1\xBD\xB9");
  return cases;
}

std::vector<FrameCase> close_cases() {
  std::vector<FrameCase> cases;
  add(cases, "7.1_TextThenClose", client_text("Hello") + client_close(1000), "text:Hello close:1000");
  add(cases, "7.1_CloseTwice", client_close(1000) + client_close(1000), "close:1000");
  add(cases, "7.1_PingAfterClose", client_close(1000) + client_ping(), "close:1000");
  add(cases, "7.1_TextAfterClose", client_close(1000) + client_text("x"), "close:1000");
  add(cases, "7.1_GarbageAfterClose", client_close(1000) + std::string(300, '\xFF'), "close:1000");
  add(cases, "7.3_NoPayload", client_frame(0x88), "close:1005");
  add(cases, "7.3_OneByte", client_frame(0x88, "a"), "refused:1002");
  add(cases, "7.3_CodeOnly", client_close(1000), "close:1000");
  add(cases, "7.3_Reason", client_close(1000, "bye"), "close:1000bye");
  add(cases, "7.3_LongestReason", client_close(1000, std::string(123, '*')), "close:1000" + std::string(123, '*'));
  add(cases, "7.3_TooLongReason", client_close(1000, std::string(124, '*')), "refused:1002");
  add(cases, "7.5_ReasonNotUtf8", client_close(1000, "\xCE\xBA\xED\xA0\x80"), "refused:1007");
  add(cases, "7.5_ReasonCut", client_close(1000, "\xCE"), "refused:1007");
  add(cases, "7.6_NotMasked", "\x88\x02\x03\xE8"s, "refused:1002");
  for (const int code :
       {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
    add(cases, "7.7_Code" + std::to_string(code), client_close(static_cast<std::uint16_t>(code)),
        "close:" + std::to_string(code));
  }
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65'535}) {
    add(cases, "7.9_Code" + std::to_string(code), client_close(static_cast<std::uint16_t>(code)), "refused:1002");
    add(cases, "7.9_CodeAndReason" + std::to_string(code), client_close(static_cast<std::uint16_t>(code), "x"),
        "refused:1002");
  }
  return cases;
}

}  // namespace danwa::tests
