#include "client/frames.hpp"

#include "protocol/codes.hpp"
#include "wire/encode.hpp"

namespace gantry::client {
namespace {

ErrorCode append_frame(wire::Header& header, const Fields& fields, std::string_view body,
                       wire::ByteSink& out) {
  std::vector<Field> views;
  views.reserve(fields.size());
  for (const auto& [key, value] : fields) {
    views.push_back({std::string_view(key), std::string_view(value)});
  }
  header.language = wire::language::cpp;
  header.version = protocol::version::announced;
  header.fields = views;
  header.has_fields = !views.empty();
  if (const auto error = wire::encode_head(wire::Serialize::json, header, body.size(), out)) {
    return error;
  }
  out.append({reinterpret_cast<const uint8_t*>(body.data()), body.size()});
  return {};
}

Fields fields_of(const wire::Header& header) {
  Fields fields;
  fields.reserve(header.fields.size());
  for (const Field& field : header.fields) {
    fields.emplace_back(field.key.view(), field.value.view());
  }
  return fields;
}

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

ErrorCode append_request(const Request& request, int32_t opaque, bool oneway, wire::ByteSink& out) {
  wire::Header header;
  header.code = request.code;
  header.opaque = opaque;
  header.flag = oneway ? wire::flag_oneway : 0;
  return append_frame(header, request.fields, request.body, out);
}

ErrorCode append_answer(const Reply& reply, int32_t opaque, wire::ByteSink& out) {
  wire::Header header;
  header.code = reply.code;
  header.opaque = opaque;
  header.flag = wire::flag_response;
  if (!reply.remark.empty()) header.remark = std::string_view(reply.remark);
  return append_frame(header, reply.fields, reply.body, out);
}

void FrameReader::received(size_t bytes) {
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(taken_));
  taken_ = 0;
  bytes_.insert(bytes_.end(), chunk_.begin(), chunk_.begin() + static_cast<ptrdiff_t>(bytes));
}

Result<std::optional<FrameReader::Taken>> FrameReader::next() {
  const Bytes left(bytes_.data() + taken_, bytes_.size() - taken_);
  const wire::NextFrame next = wire::next_frame(left, wire::frame_bytes_max_default);
  if (next.status == wire::FrameStatus::incomplete) return std::optional<Taken>();
  if (next.status == wire::FrameStatus::malformed) return next.error;
  Taken taken;
  if (const auto error = wire::decode_header(next.frame, scratch_, taken.header)) return error;
  taken.body = next.frame.body;
  taken_ += next.frame.size;
  return std::optional<Taken>(taken);
}

Reply reply_of(const FrameReader::Taken& frame) {
  Reply reply;
  reply.code = frame.header.code;
  reply.version = frame.header.version;
  reply.remark = frame.header.remark.view();
  reply.fields = fields_of(frame.header);
  reply.body = text_of(frame.body);
  return reply;
}

Pushed pushed_of(const FrameReader::Taken& frame, const std::string& address) {
  Pushed pushed;
  pushed.address = address;
  pushed.code = frame.header.code;
  pushed.oneway = wire::is_oneway(frame.header);
  pushed.fields = fields_of(frame.header);
  pushed.body = text_of(frame.body);
  return pushed;
}

}  // namespace gantry::client
