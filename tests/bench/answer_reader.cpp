#include "answer_reader.hpp"

#include <charconv>
#include <string_view>

namespace gantry::bench {
namespace {

constexpr std::string_view code_key = R"("code":)";
constexpr std::string_view opaque_key = R"("opaque":)";

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The number at `at`, if `key` stands before it.
bool number_at(std::string_view text, uint64_t at, std::string_view key, int32_t& out) {
  if (at < key.size() || at >= text.size()) return false;
  if (text.substr(at - key.size(), key.size()) != key) return false;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + at, end, out);
  return error == std::errc{} && stop != end && (*stop == ',' || *stop == '}');
}

}  // namespace

bool AnswerReader::read_json(Bytes header, Answer& out) const {
  const std::string_view text = text_of(header);
  return number_at(text, code_at_, code_key, out.code) &&
         number_at(text, opaque_at_, opaque_key, out.opaque);
}

void AnswerReader::learn(Bytes header) {
  const std::string_view text = text_of(header);
  const size_t code = text.find(code_key);
  const size_t opaque = text.find(opaque_key);
  if (code != text.npos) code_at_ = code + code_key.size();
  if (opaque != text.npos) opaque_at_ = opaque + opaque_key.size();
}

ErrorCode AnswerReader::read(const wire::Frame& frame, Answer& out) {
  const bool json = frame.serialize == wire::Serialize::json;
  if (json && read_json(frame.header, out)) return {};
  wire::Header header;
  if (const ErrorCode error = wire::decode_header(frame, scratch_, header)) return error;
  if (!wire::is_response(header)) return wire::Errc::flag_invalid;
  out = {header.code, header.opaque};
  if (json) learn(frame.header);
  return {};
}

std::string_view AnswerReader::remark(const wire::Frame& frame) {
  wire::Header header;
  if (wire::decode_header(frame, scratch_, header)) return {};
  return header.remark;
}

}  // namespace gantry::bench
